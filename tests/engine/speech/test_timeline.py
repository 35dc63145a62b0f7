"""Pauses leave the sound and return in its times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ChunkPlan, Segment, Span, Word
from engine.speech.timeline import merge_spans
from engine.speech.windows import cut_window
from engine.transcription import restore_segment, split_at_pauses
from engine.types import RawSegment

RATE = 16_000
CHUNK = ChunkPlan(0, 100.0, 130.0, 44, 30 * RATE * 2, (Span(101.0, 103.0), Span(110.0, 114.0)))


def cut(chunk=CHUNK):
    return cut_window(np.arange(30 * RATE, dtype=np.int64).astype(np.int16), chunk.start, chunk.speech)


def test_only_speech_is_kept():
    window = cut()
    expected = np.concatenate((np.arange(RATE, 3 * RATE), np.arange(10 * RATE, 14 * RATE))).astype(np.int16)
    np.testing.assert_array_equal(window.samples, expected)
    assert window.seconds == 6.0


def test_short_pauses_stay_in():
    assert merge_spans((Span(0, 1), Span(1.5, 2), Span(4, 5))) == (Span(0, 2), Span(4, 5))


def test_a_chunk_without_speech_has_an_empty_window():
    window = cut(ChunkPlan(0, 100.0, 130.0, 44, 1))
    assert (len(window.samples), window.pieces) == (0, ())


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ((0, 1), (101, 102)),
        ((2.0, 3.0), (110, 111)),
        ((1.5, 2.2), (102.5, 103)),
        ((1.9, 2.5), (110, 110.5)),
        ((5, 9), (113, 114)),
    ],
)
def test_times_go_back_to_the_recording(inside, outside):
    assert cut().restore_span(*inside) == outside


@given(st.floats(0, 6), st.floats(0, 6))
def test_restored_times_lie_in_speech_and_in_order(left, right):
    start, end = cut().restore_span(min(left, right), max(left, right))
    assert start <= end
    assert any(span.start <= start and end <= span.end for span in CHUNK.speech)


def test_a_segment_across_a_removed_pause_becomes_two():
    words = (Word(0.5, 1.0, " Before", 0.8), Word(2.5, 3.0, " after", 0.6))
    raw = RawSegment(0.5, 3.0, " Before after", words, -0.1, 0.0, 1.0)
    assert list(restore_segment(raw, cut())) == [
        Segment(101.5, 102.0, "Before", 0.8, (Word(101.5, 102.0, " Before", 0.8),)),
        Segment(110.5, 111.0, "after", 0.6, (Word(110.5, 111.0, " after", 0.6),)),
    ]


def test_a_segment_without_words_keeps_its_own_times():
    raw = RawSegment(0.0, 1.0, " Hello", (), 0.0, 0.0, 1.0)
    assert list(restore_segment(raw, cut())) == [Segment(101.0, 102.0, "Hello", 1.0)]


def test_words_close_to_each_other_stay_together():
    words = [Word(0, 1, "a", 1), Word(2.5, 3, "b", 1)]
    assert list(split_at_pauses(words)) == [tuple(words)]
