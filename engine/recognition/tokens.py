"""Whisper's tokens: timestamps and the alignment of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from engine.types import Word

STEP_SECONDS = 0.02
# A word that takes longer than this many times the usual one is shortened: it has a pause in it.
LONGEST_WORD_FACTOR = 2.0
USUAL_WORD_SECONDS = (0.1, 0.7)


@dataclass(frozen=True, slots=True)
class TimedTokens:
    """A segment's text as tokens with times in the window.

    In seconds.
    """

    start: float
    end: float
    tokens: tuple[int, ...]


def split_at_timestamps(
    tokens: Sequence[int], first_timestamp: int, end: int, seconds: float
) -> tuple[TimedTokens, ...]:
    """Return the texts between timestamps.

    A last one without an end goes on to the window's, at `seconds`.
    """
    segments: list[TimedTokens] = []
    start = 0.0
    text: list[int] = []
    for token in tokens:
        if token >= first_timestamp:
            time = min(seconds, (token - first_timestamp) * STEP_SECONDS)
            if text:
                segments.append(TimedTokens(start, max(start, time), tuple(text)))
            start, text = time, []
        elif token < end:
            text.append(token)
    if text:
        segments.append(TimedTokens(min(start, seconds), seconds, tuple(text)))
    return tuple(segments)


def measure_longest_gap(spans: Sequence[tuple[float, float]], seconds: float) -> float:
    """Return the longest stretch of a window outside all spans.

    The window is `seconds` long, the spans are in order.
    """
    starts = [*(start for start, _ in spans), seconds]
    ends = [0.0, *(end for _, end in spans)]
    return max(start - end for start, end in zip(starts, ends, strict=True))


def split_words(segments: Sequence[TimedTokens], aligned: Sequence[dict[str, Any]]) -> Iterator[tuple[Word, ...]]:
    """Yield the words of each segment with times in the window.

    They come from the alignment of all the window's tokens.
    """
    words = iter(aligned)
    longest = measure_longest(aligned)
    missing = 0
    for segment in segments:
        found: list[Word] = []
        # Punctuation at the start of this segment may have gone to the last word of the one before.
        missing += len(segment.tokens)
        while missing > 0 and (word := next(words, None)) is not None:
            missing -= len(word["tokens"])
            if word["word"]:
                found.append(place_word(word, longest, is_first=not found))
        yield tuple(found)


def measure_longest(aligned: Sequence[dict[str, Any]]) -> float:
    """Return how long a word of this window can be, in seconds."""
    lengths = [float(word["end"] - word["start"]) for word in aligned if word["end"] > word["start"]]
    least, most = USUAL_WORD_SECONDS
    return LONGEST_WORD_FACTOR * min(most, max(least, median(lengths))) if lengths else 0.0


def place_word(word: dict[str, Any], longest: float, *, is_first: bool) -> Word:
    """Return an aligned word, shortened when it holds a pause.

    The first of a segment keeps its end, others their start.
    """
    start, end = float(word["start"]), float(word["end"])
    if end - start > longest:
        start, end = (end - longest, end) if is_first else (start, start + longest)
    return Word(start, end, word["word"], float(word["probability"]))
