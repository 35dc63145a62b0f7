"""Confidence is a share, and invented text is thrown away."""

from dataclasses import replace
from math import log

import pytest

from engine import ChunkTranscript, Segment, Word, join_chunks
from engine.text.quality import is_invented, rate_transcript, rate_words
from engine.types import RawSegment

WORDS = (Word(0.0, 0.5, " Good", 0.8), Word(0.5, 1.0, " morning", 0.6))
SPOKEN = RawSegment(0.0, 1.0, " Good morning", WORDS, -0.3, 0.1, 1.2)


def test_a_segment_is_as_sure_as_its_words_on_average():
    assert rate_words(WORDS, -9.0) == 0.7


def test_without_words_the_decoders_own_figure_counts():
    assert rate_words((), log(0.25)) == 0.25


def test_confidence_never_leaves_its_range():
    assert (rate_words((), 0.5), rate_words((Word(0, 1, "a", -0.1),), 0)) == (1.0, 0.0)


def test_a_transcript_is_weighted_by_seconds():
    assert rate_transcript([Segment(0, 3, "a", 1.0), Segment(3, 4, "b", 0.0)]) == 0.75


@pytest.mark.parametrize("segments", [[], [Segment(2, 2, "a", 1.0)]])
def test_nothing_said_has_no_confidence(segments):
    assert rate_transcript(segments) is None


def test_spoken_text_is_kept():
    assert not is_invented(SPOKEN)


def test_spoken_text_without_words_is_kept():
    assert not is_invented(replace(SPOKEN, words=()))


@pytest.mark.parametrize(
    "changes",
    [
        {"text": " ... "},
        {"average_log_probability": -1.5, "no_speech_probability": 0.9},
        {"average_log_probability": -1.5, "compression_ratio": 3.0},
        {"words": tuple(Word(1.0, 1.0, " you", 0.9) for _ in range(4))},
        {"words": (Word(0.0, 1.0, " Thanks", 0.1), Word(1.0, 2.0, " all", 0.05))},
    ],
)
def test_text_that_nobody_said_is_told_by_its_figures(changes):  # pains T1
    assert is_invented(replace(SPOKEN, **changes))


def test_doubt_alone_is_no_reason_to_drop_text():
    assert not is_invented(replace(SPOKEN, average_log_probability=-1.5))


def test_chunks_are_joined_in_the_order_of_the_recording():
    chunks = [
        ChunkTranscript(index, (Segment(index, index + 1, f"part {index}", 0.5),), "en", None, 1) for index in (1, 0)
    ]
    transcript = join_chunks(chunks, 2.0, "en", 0.8)
    assert (transcript.text, transcript.seconds, transcript.confidence) == ("part 0 part 1", 2.0, 0.5)


def test_no_chunk_is_an_empty_transcript():
    transcript = join_chunks([], 9.0, None)
    assert (transcript.text, transcript.confidence, transcript.language_probability) == ("", None, None)
