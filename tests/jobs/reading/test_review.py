"""The review spots of a text, from storage to the reader."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engine import ChunkTranscript, Segment, Span, Word, join_chunks
from jobs.domain.reading import queries, review
from jobs.domain.steps import prepare_step, transcribe_step
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Chunk, Job
from jobs.models import Segment as Row
from tests.databases import asks_sqlite
from tests.jobs.sounds import build_preparation

HEARD = (Span(5.0, 8.0),)


@pytest.fixture
def hear(make_prepared, claim, anna):
    """A job of ten seconds with doubtful and missing text.

    It has one chunk, whose text may be wrong, and three seconds of speech without text.
    """

    def transcribe_badly(*, flags=("repetition",), untranscribed=HEARD, probability=0.9):
        job = make_prepared(anna, chunks=1)
        lease = claim()
        words = (Word(0.0, 1.0, "no", probability), Word(1.0, 2.0, " no", 0.9))
        segment = Segment(0.0, 2.0, "no no", 0.8, words, flags)
        result = ChunkTranscript(0, (segment,), "en", 0.9, 1.0, untranscribed)
        transcribe_step.store_result(lease, lease.step.job, result)
        return job

    return transcribe_badly


def test_what_preparing_found_is_stored(make_prepared, anna):
    job = make_prepared(anna, chunks=1)
    found = replace(build_preparation(1), gaps=(Span(1.5, 2.0),), flags=("clipped",))
    prepare_step.write_findings(job, found)
    transcript = Job.objects.get().transcript
    assert (transcript.gaps, transcript.recording_flags, transcript.flags) == ([[1.5, 2.0]], ["clipped"], [])


# pains T1, T2
def test_what_a_chunk_found_is_stored(hear):
    hear()
    assert (Row.objects.get().flags, Chunk.objects.get().untranscribed) == (["repetition"], [[5.0, 8.0]])


# pains T2
def test_what_is_wrong_with_the_whole_is_stored_with_the_text(hear):
    job = hear()
    job.transcript.recording_flags = ["quiet"]
    job.transcript.gaps = [[9.0, 9.5]]
    job.transcript.save()
    STEPS.work_for(30)
    job = Job.objects.get()
    found = (job.transcript.coverage, job.transcript.flags, job.transcript.review_spot_count)
    assert (*found, job.needs_review) == (0.7, ["quiet", "low_coverage"], 3, True)


# pains T3
def test_an_uncertain_language_needs_a_review(hear):
    job = hear(flags=(), untranscribed=())
    job.transcript.language_probability = 0.52
    job.transcript.save()
    STEPS.work_for(30)
    job = Job.objects.get()
    assert (job.transcript.flags, job.transcript.review_spot_count, job.needs_review) == (
        ["language_uncertain"],
        0,
        True,
    )


def test_unsure_words_alone_need_no_review(hear):
    hear(flags=(), untranscribed=(), probability=0.2)
    STEPS.work_for(30)
    job = Job.objects.get()
    assert (job.transcript.coverage, job.transcript.review_spot_count, job.needs_review) == (1.0, 1, False)


def test_the_speech_of_chunks_that_are_not_done_does_not_count_yet(make_prepared, claim, anna):
    job = make_prepared(anna, chunks=2)
    lease = claim()
    transcribe_step.store_result(lease, job, ChunkTranscript(0, (), "en", 0.9, 1.0, (Span(0.0, 5.0),)))
    assert queries.read_transcript(job).coverage == 0.5


def test_where_nobody_speaks_nothing_is_missing(make_prepared, anna):
    make_prepared(anna, chunks=1, silent=(0,))
    STEPS.work_for(30)
    job = Job.objects.get()
    assert (job.transcript.coverage, job.needs_review) == (None, False)


@pytest.mark.parametrize("chunks", [1, 3])
def test_reading_a_text_takes_the_same_queries_for_any_number_of_chunks(
    make_prepared, claim, say, anna, chunks, django_assert_num_queries
):
    make_prepared(anna, chunks=chunks)
    for _ in range(chunks):
        say(claim())
    job = queries.visible_jobs(anna).get()
    with django_assert_num_queries(2):  # chunks, segments
        queries.read_transcript(job)


def build_row(*words, start=0.0, flags=()):
    return Row(
        start=start, end=start + 9, text="", confidence=0.9, words=[list(word) for word in words], flags=list(flags)
    )


def build_words(*words):
    return tuple(Word(*word) for word in words)


def test_unsure_words_that_follow_one_another_are_one_run():
    words = build_words((0, 1, "a", 0.1), (1, 2, "b", 0.2), (2, 3, "c", 0.9), (3, 4, "d", 0.1))
    assert review.list_runs(words, frozenset()) == (review.Run(0, 1), review.Run(3, 3))


def test_a_place_that_begins_amid_unsure_words_begins_a_run():
    words = build_words((0, 1, "a", 0.1), (5, 6, "b", 0.2), (6, 7, "c", 0.2))
    assert review.list_runs(words, frozenset([0, 5])) == (review.Run(0, 0), review.Run(1, 2))


@pytest.fixture
def text():
    """A doubtful and a flagged row, and their transcript.

    One has an unsure word and one a flag; sound is missing in the transcript.
    """
    unsure = build_row((0, 1, "a", 0.9), (1, 2, "b", 0.2))
    flagged = build_row((9, 10, "c", 0.1), start=9.0, flags=["repetition"])
    rows = [unsure, flagged]
    said = ChunkTranscript(0, tuple(queries.build_segment(row) for row in rows), "en", None, 0.0)
    return rows, join_chunks([said], 18.0, "en", gaps=[Span(4, 5)])


def test_lines_without_text_stand_where_they_belong(text):
    assert [line.start for line in review.list_lines(*text)] == [0.0, 4, 9.0]


def test_each_place_is_led_to_its_text(text):
    rows, transcript = text
    places = review.list_review_spots(review.list_lines(*text), transcript.review_spots)
    assert [(place.start, place.segment, place.run) for place in places] == [
        (1, rows[0], review.Run(1, 1)),
        (4, None, None),
        (9.0, rows[1], None),
    ]


@pytest.fixture
def doubtful(make_job, anna):
    """Three completed jobs, two of which need a review.

    The newer of them comes first.
    """
    jobs = [make_job(anna) for _ in range(3)]
    Job.objects.update(state="completed")
    Job.objects.filter(pk__in=[job.pk for job in jobs[1:]]).update(needs_review=True)
    return [jobs[2], jobs[1]]


def test_cards_that_need_a_review_are_found_and_counted(doubtful, make_job, anna, ben):
    Job.objects.filter(pk=make_job(ben).pk).update(state="completed", needs_review=True)
    assert (queries.list_cards(anna, state="review"), queries.count_review(anna)) == (doubtful, 2)


def test_counting_what_needs_a_review_ends_at_a_limit(doubtful, anna, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_LIMIT", 1)
    assert queries.count_review(anna) == 1


@asks_sqlite
@pytest.mark.parametrize(
    "read",
    [
        queries.count_review,
        lambda user: queries.list_card_keys(user, state="review", category="", limit=9),
        lambda user: list(queries.visible_jobs(user).for_review().newest_first()),
    ],
)
def test_what_needs_a_review_is_read_by_its_index(doubtful, anna, read):
    with CaptureQueriesContext(connection) as asked:
        read(anna)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = " ".join(row[-1] for row in cursor.fetchall())
    assert ("INDEX job_review (" in plan, "TEMP B-TREE" in plan) == (True, False)


def test_a_page_that_follows_a_job_reads_only_the_chunks_in_which_text_is_missing(hear):
    job = queries.visible_jobs(hear().owner).get()
    rows = list(queries.list_segments(job))
    with CaptureQueriesContext(connection) as asked:
        text = queries.join_segments(job, rows, with_coverage=False)
    (query,) = asked
    assert re.search(r'WHERE .*"untranscribed"', query["sql"])
    assert [spot.flags for spot in text.review_spots] == [("repetition",), ("speech_without_text",)]
    assert (text.coverage, queries.join_segments(job, rows).review_spots) == (None, text.review_spots)
