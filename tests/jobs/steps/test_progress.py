from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.database import clock
from jobs.domain.queue import leases
from jobs.domain.steps import progress
from jobs.models import Job, Segment
from jobs.models.transcript import PREVIEW_LENGTH

NOW = timezone.now()


def build_job(**fields):
    values = {"state": "processing", "transcribing_at": NOW - timedelta(seconds=30), "progress": 25.0}
    return Job(**(values | fields))


def test_progress_is_seconds_done_of_all_seconds(make_prepared, claim, say, anna):
    # pains Q8
    make_prepared(anna, chunks=4)
    say(claim())
    assert Job.objects.get().progress == 25.0


def test_progress_moves_within_a_chunk(make_prepared, claim, anna):
    # pains Q8
    make_prepared(anna, chunks=4)
    lease = claim()
    leases.renew_lease(lease, seconds_done=5.0)
    progress.update_progress(lease.step.job)
    assert Job.objects.get().progress == 12.5


def test_a_job_without_audio_has_no_progress(make_job, claim, anna):
    job = make_job(anna)
    claim()
    progress.update_progress(job)
    assert Job.objects.get().progress == 0.0


def test_progress_ends_at_a_hundred(make_prepared, anna):
    job = make_prepared(anna, chunks=1)
    job.steps.filter(kind="chunk").update(seconds_done=11)
    progress.update_progress(job)
    assert Job.objects.get().progress == 100.0


def test_an_ended_job_keeps_its_progress(make_prepared, anna):
    job = make_prepared(anna, chunks=1)
    Job.objects.update(state="cancelled", progress=40.0)
    progress.update_progress(job)
    assert Job.objects.get().progress == 40.0


def test_a_run_measures_its_speed_from_where_it_began(make_prepared, anna):
    make_prepared(anna, chunks=4, silent=(0,))
    assert Job.objects.get().progress_before == 25.0


@pytest.mark.parametrize(
    ("job", "eta"),
    [
        (build_job(), 90.0),
        (build_job(progress_before=15.0), 225.0),
        (build_job(progress=100.0), 0.0),
        (build_job(progress_before=25.0), None),
        (build_job(transcribing_at=None), None),
        (build_job(state="pending"), None),
        (build_job(state="cancelled"), None),
    ],
)
def test_the_rest_takes_as_long_as_the_speed_so_far_says(job, eta):
    # pains Q8
    assert job.estimate_eta(NOW) == eta


def test_the_preview_is_the_beginning_in_the_order_of_speech(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=2)
    first, second = claim(), claim()
    say(second, "and then")
    say(first, "at first")
    assert Job.objects.get().transcript.preview == "at first and then"


def test_a_short_text_is_its_own_preview():
    assert progress.cut_preview("a" * PREVIEW_LENGTH) == "a" * PREVIEW_LENGTH


def test_a_long_text_is_cut_at_a_word():
    assert progress.cut_preview("word " * 100) == "word " * 54 + "word…"


def test_a_text_without_spaces_is_cut_where_it_must():
    assert progress.cut_preview("字" * 400) == "字" * (PREVIEW_LENGTH - 1) + "…"


def test_the_preview_reads_only_a_few_segments(make_prepared, claim, anna, django_assert_num_queries):
    job = make_prepared(anna, chunks=1)
    chunk = claim().step
    Segment.objects.bulk_create(
        Segment(job=job, chunk=chunk, index=index, start=index, end=index + 1, text=f"w{index}", confidence=1)
        for index in range(40)
    )
    progress.update_preview(job)
    assert Job.objects.get().transcript.preview == " ".join(f"w{index}" for index in range(12))


def test_a_finish_that_has_been_made_is_not_made_again(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim())
    assert progress.finish_if_all_chunks_done(job)
    assert job.steps.filter(kind="finish").count() == 1


def test_this_machine_and_its_database_agree_on_the_time(db):
    assert abs(clock.measure_clock_skew()) < 1
