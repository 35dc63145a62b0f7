"""The lines of a text and its review spots.

A page leads its reader through them; lines without text are among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine import GAP, SPEECH_WITHOUT_TEXT, UNSURE_WORDS, Note, ReviewSpot, Transcript, Word, is_doubtful
from jobs.models import Segment

# The flags of spots where there is no text.
MISSING = {SPEECH_WITHOUT_TEXT, GAP}


@dataclass(frozen=True, slots=True)
class Run:
    """Unsure words of a segment that follow one another.

    The numbers are those of the first and the last.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Line:
    """A segment with its unsure words."""

    segment: Segment
    runs: tuple[Run, ...]

    @property
    def start(self) -> float:
        return self.segment.start


@dataclass(frozen=True, slots=True)
class LocatedSpot:
    """A review spot, seconds from the start of the recording.

    `flags` say why it is one. It is the whole of `segment`, or of it the words that begin with `run`; without a segment
    there is no text.
    """

    start: float
    end: float
    flags: tuple[str, ...]
    segment: Segment | None = None
    run: Run | None = None


def is_missing(spot: ReviewSpot) -> bool:
    """Whether a spot has no text."""
    return bool(MISSING.intersection(spot.flags))


def list_lines(segments: Iterable[Segment], transcript: Transcript) -> list[Line | LocatedSpot | Note]:
    """Return the lines of a page in order.

    They are segments, missing text, and notes. `transcript` is that of these very segments, as `queries.join_segments`
    makes it.
    """
    starts = frozenset(spot.start for spot in transcript.review_spots if UNSURE_WORDS in spot.flags)
    pairs = zip(segments, transcript.segments, strict=True)
    lines = [Line(segment, list_runs(said.words, starts)) for segment, said in pairs]
    missing = [LocatedSpot(spot.start, spot.end, spot.flags) for spot in transcript.review_spots if is_missing(spot)]
    return sorted([*lines, *missing, *transcript.notes], key=lambda line: line.start)


def list_runs(words: Iterable[Word], starts: frozenset[float]) -> tuple[Run, ...]:
    """Return the unsure words of a segment, neighbours together.

    A run begins at each of `starts`.
    """
    runs: list[Run] = []
    for index, word in enumerate(words):
        if not is_doubtful(word):
            continue
        if runs and runs[-1].last == index - 1 and word.start not in starts:
            runs[-1] = Run(runs[-1].first, index)
        else:
            runs.append(Run(index, index))
    return tuple(runs)


def list_review_spots(
    lines: Iterable[Line | LocatedSpot | Note], review_spots: Iterable[ReviewSpot]
) -> list[LocatedSpot]:
    """Return `review_spots` in order with their text among `lines`."""
    texts: dict[tuple[bool, float], tuple[Segment, Run | None]] = {}
    for line in lines:
        if isinstance(line, Line):
            for start, run in list_beginnings(line):
                texts.setdefault((run is not None, start), (line.segment, run))
    return [locate_spot(spot, texts) for spot in review_spots]


def locate_spot(spot: ReviewSpot, texts: dict[tuple[bool, float], tuple[Segment, Run | None]]) -> LocatedSpot:
    """Return a spot with its text.

    `texts` has it by whether it is words, and by its start.
    """
    if is_missing(spot):
        return LocatedSpot(spot.start, spot.end, spot.flags)
    return LocatedSpot(spot.start, spot.end, spot.flags, *texts[UNSURE_WORDS in spot.flags, spot.start])


def list_beginnings(line: Line) -> list[tuple[float, Run | None]]:
    """Return the possible starts of review spots in a line.

    The line itself if it has flags, else its unsure words.
    """
    if line.segment.flags:
        return [(line.segment.start, None)]
    return [(line.segment.words[run.first][0], run) for run in line.runs]
