from datetime import timedelta

import pytest

from jobs.domain.queue import leases
from jobs.domain.steps import prepare_step
from jobs.models import Chunk, Job, JobEvent, Recording, Step
from jobs.states import Stage, StepState
from tests.jobs.sounds import build_preparation


def test_what_was_found_is_stored(make_prepared, anna):
    job = make_prepared(anna, chunks=2)
    assert (job.stage, job.engine, job.warning) == (Stage.TRANSCRIBING, "fake fake", "")
    assert (job.recording.seconds, job.recording.media_type, job.recording.peaks) == (20.0, "audio/wav", [50])
    assert (job.transcript.language, job.transcript.language_probability) == ("en", 0.9)


def test_each_chunk_is_due_after_the_length_of_the_whole(make_prepared, anna):
    job = make_prepared(anna, chunks=2)
    due = job.started_at + timedelta(seconds=20)
    facts = Chunk.objects.values_list("index", "state", "due_at", "start", "end", "owner")
    assert list(facts) == [(0, "waiting", due, 0.0, 10.0, anna.pk), (1, "waiting", due, 10.0, 20.0, anna.pk)]


def test_a_silent_chunk_is_done_before_it_begins(make_prepared, anna):
    make_prepared(anna, chunks=3, silent=(1,))
    assert list(Chunk.objects.values_list("state", "seconds_done")) == [("waiting", 0), ("done", 10), ("waiting", 0)]
    assert Job.objects.get().progress == pytest.approx(100 / 3)


def test_a_silent_recording_goes_straight_to_its_finish(make_prepared, anna):
    # pains T1
    make_prepared(anna, chunks=2, silent=(0, 1))
    assert leases.claim_step().step.kind == "finish"


def test_the_stage_is_in_the_log(make_prepared, anna):
    make_prepared(anna)
    assert JobEvent.objects.last().reason == "Transcribing"


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({}, ""),
        (
            {"truncated": True, "lost_seconds": 12.4},
            "The file is damaged or cut off: about 12 seconds of it could not be read. What could be read is transcribed.",
        ),
        (
            {"truncated": True, "lost_seconds": None},
            "The file is damaged or cut off. What could be read is transcribed; the rest is missing.",
        ),
    ],
)
def test_lost_audio_is_stated(options, warning):
    # pains T2
    assert prepare_step.describe_loss(build_preparation(1, **options)) == warning


@pytest.mark.parametrize(("size", "seconds"), [(500_000, 1000.0), (500_000_000, 7200.0)])
def test_the_limit_follows_the_size_and_ends_at_what_is_accepted(settings, size, seconds):
    # pains Q9
    settings.MAX_HOURS = 2
    assert prepare_step.estimate_longest_seconds(Recording(bytes=size)) == seconds


def test_preparing_twice_makes_each_chunk_once(make_prepared, anna):
    job = make_prepared(anna, chunks=2)
    prepare_step.plan_chunks(job, build_preparation(2))
    assert Step.objects.filter(kind="chunk", state=StepState.WAITING).count() == 2
