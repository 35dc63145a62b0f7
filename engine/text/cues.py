"""Cut segments into readable subtitles.

Each has two short lines and a few seconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.types import Segment, Word

# The limits most subtitle guidelines agree on.
MAX_LINE = 42
MAX_LINES = 2
MAX_SECONDS = 7.0
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: whole milliseconds, and one or two lines of text."""

    start_ms: int
    end_ms: int
    text: str


def build_cues(segments: Iterable[Segment]) -> Iterator[Cue]:
    """Yield subtitles in order, without overlap.

    Each lasts at least a millisecond.
    """
    free_from = 0
    for segment in segments:
        for words in split_words(spread_words(segment)):
            start = max(free_from, round(words[0].start * MILLISECONDS))
            free_from = max(start + 1, round(words[-1].end * MILLISECONDS))
            yield Cue(start, free_from, wrap_words(words))


def spread_words(segment: Segment) -> Sequence[Word]:
    """Return the words of a segment.

    Without known times, they are spread by their length.
    """
    if segment.words:
        return segment.words
    texts = [f" {text}" for text in segment.text.split()]
    pace = (segment.end - segment.start) / max(1, sum(len(text) for text in texts))
    words: list[Word] = []
    start = segment.start
    for text in texts:
        words.append(Word(start, start + pace * len(text), text, segment.confidence))
        start = words[-1].end
    return words


def split_words(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield groups of words that fit one subtitle.

    A single word is never cut.
    """
    group: list[Word] = []
    for word in words:
        if group and not fits_cue([*group, word]):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def fits_cue(words: Sequence[Word]) -> bool:
    """Whether the words can be read as one subtitle."""
    return words[-1].end - words[0].start <= MAX_SECONDS and len(fill_lines(words, MAX_LINE)) <= MAX_LINES


def wrap_words(words: Sequence[Word]) -> str:
    """Return the words on as few and even lines as possible."""
    lines = fill_lines(words, MAX_LINE)
    for width in range(1, MAX_LINE):
        narrow = fill_lines(words, width)
        if len(narrow) <= len(lines) and max(map(len, narrow)) <= width:
            return "\n".join(narrow)
    return "\n".join(lines)


def fill_lines(words: Sequence[Word], width: int) -> list[str]:
    """Fill lines of at most `width` characters greedily.

    A longer word gets a line of its own.
    """
    lines = [""]
    for word in words:
        text = " ".join(word.text.split())
        joined = f"{lines[-1]} {text}" if word.text[:1].isspace() and lines[-1] else lines[-1] + text
        if len(joined) > width and lines[-1]:
            lines.append(text)
        else:
            lines[-1] = joined
    return lines
