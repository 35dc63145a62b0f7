"""Chunks become one transcript that says what is missing in it."""

import pytest

from engine import ChunkTranscript, ReviewSpot, Segment, Span, Word, join_chunks
from engine.text.joining import LEAST_LANGUAGE_PROBABILITY, measure_coverage


def make_chunk(index, *, untranscribed=()):
    word = Word(index, index + 1, f" part{index}", 0.9)
    segment = Segment(index, index + 1, f"part{index}", 0.9, (word,))
    return ChunkTranscript(index, (segment,), "en", None, 1.0, untranscribed)


def test_nothing_doubtful_leaves_no_flags():
    found = join_chunks([make_chunk(0), make_chunk(1)], 2.0, "en", 0.99, speech_seconds=2.0)
    assert (found.text, found.coverage, found.flags, found.review_spots) == ("part0 part1", 1.0, (), ())


def test_all_that_is_missing_becomes_doubts_in_order():  # pains T2
    chunks = [make_chunk(1, untranscribed=(Span(20, 23),)), make_chunk(0, untranscribed=(Span(10, 12),))]
    found = join_chunks(chunks, 30.0, "en", speech_seconds=100.0, gaps=[Span(15, 16)])
    assert found.review_spots == (
        ReviewSpot(10, 12, ("speech_without_text",)),
        ReviewSpot(15, 16, ("gap",)),
        ReviewSpot(20, 23, ("speech_without_text",)),
    )


def test_segments_keep_their_order_whatever_order_chunks_come_in():
    assert join_chunks([make_chunk(index) for index in (2, 0, 1)], 3.0, "en").text == "part0 part1 part2"


@pytest.mark.parametrize(
    ("probability", "flags"),
    [(None, ()), (LEAST_LANGUAGE_PROBABILITY, ()), (LEAST_LANGUAGE_PROBABILITY - 0.01, ("language_uncertain",))],
)
def test_a_language_that_was_hardly_heard_is_uncertain(probability, flags):  # pains T3
    assert join_chunks([make_chunk(0)], 1.0, "en", probability).flags == flags


@pytest.mark.parametrize(("missing", "flags"), [(1.0, ()), (1.5, ("low_coverage",))])
def test_a_text_for_less_than_nine_tenths_of_the_speech_says_so(missing, flags):  # pains T2
    chunk = make_chunk(0, untranscribed=(Span(5, 5 + missing),))
    assert join_chunks([chunk], 20.0, "en", speech_seconds=10.0).flags == flags


def test_flags_of_the_recording_come_first():
    chunk = make_chunk(0, untranscribed=(Span(0, 5),))
    found = join_chunks([chunk], 5.0, "en", 0.1, speech_seconds=5.0, flags=["quiet"])
    assert found.flags == ("quiet", "language_uncertain", "low_coverage")


@pytest.mark.parametrize(
    ("untranscribed", "speech", "coverage"),
    [
        ([], None, None),
        ([], 0.0, None),
        ([], 8.0, 1.0),
        ([Span(0, 2)], 8.0, 0.75),
        ([Span(0, 1), Span(4, 7)], 8.0, 0.5),
        ([Span(0, 9)], 8.0, 0.0),
    ],
)
def test_coverage_is_the_share_of_the_speech_that_has_text(untranscribed, speech, coverage):  # pains T2
    assert measure_coverage(untranscribed, speech) == coverage
