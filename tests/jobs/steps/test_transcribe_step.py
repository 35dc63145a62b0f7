import pytest

from engine import ChunkTranscript, Segment, Span, Word
from jobs import conf
from jobs.domain.queue import leases
from jobs.domain.steps import transcribe_step
from jobs.models import Chunk, Job
from jobs.models import Segment as Row


@pytest.fixture
def measure(make_prepared, say, anna):
    """Store done chunks of an engine.

    Each has some seconds of speech and of work.
    """

    def leave(engine, speech_seconds, compute_seconds):
        make_prepared(anna, chunks=1)
        say(leases.claim_step())
        Chunk.objects.update(speech=[[0.0, speech_seconds]], compute_seconds=compute_seconds)
        Job.objects.update(engine=engine)

    return leave


def limit(engine, speech_seconds):
    return transcribe_step.estimate_time_limit(Chunk(job=Job(engine=engine), speech=[[0.0, speech_seconds]]))


def test_a_chunk_is_handed_over_as_it_was_planned(make_prepared, anna):
    make_prepared(anna, chunks=1)
    plan = transcribe_step.build_plan(leases.claim_step().step)
    assert (plan.index, plan.start, plan.end, plan.length) == (0, 0.0, 10.0, 320_000)
    assert plan.speech == (Span(0.0, 10.0),)


def test_a_segment_is_stored_with_its_words(make_prepared, claim, anna):
    make_prepared(anna, chunks=1)
    lease = claim()
    segment = Segment(1.0, 2.0, " Hello ", 0.7, (Word(1.0, 2.0, " Hello", 0.6),))
    transcribe_step.store_result(lease, lease.step.job, ChunkTranscript(0, (segment,), "en", 0.9, 1.5))
    row = Row.objects.get()
    assert (row.text, row.confidence, row.words, row.index) == ("Hello", 0.7, [[1.0, 2.0, " Hello", 0.6]], 0)


def test_a_done_chunk_knows_what_it_cost(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    say(claim())
    chunk = Chunk.objects.get()
    assert (chunk.seconds_done, chunk.compute_seconds, chunk.language) == (10.0, 1.0, "en")


def test_a_chunk_without_text_is_done_as_well(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    say(claim(), "")
    assert (Chunk.objects.get().state, Row.objects.count()) == ("done", 0)


def test_before_anything_was_measured_a_slow_machine_is_assumed(db):
    assert limit("fake", 60) == 60 / conf.ASSUMED_SPEED * conf.TIME_LIMIT_MARGIN


def test_the_limit_follows_the_measured_speed(measure):
    # pains Q9
    measure("fake", speech_seconds=50, compute_seconds=200)
    assert limit("fake", 60) == 60 / 0.25 * conf.TIME_LIMIT_MARGIN


def test_no_chunk_gets_less_than_the_floor(measure):
    measure("fake", speech_seconds=50, compute_seconds=1)
    assert limit("fake", 60) == conf.TIME_LIMIT_FLOOR_SECONDS


def test_the_speed_of_another_engine_says_nothing(measure):
    # pains Q9
    measure("tiny", speech_seconds=50, compute_seconds=1)
    assert limit("large", 60) == 60 / conf.ASSUMED_SPEED * conf.TIME_LIMIT_MARGIN


def test_silence_makes_no_speed(measure):
    # pains Q9
    measure("fake", speech_seconds=1, compute_seconds=4)
    assert limit("fake", 60) == 60 / 0.25 * conf.TIME_LIMIT_MARGIN
