"""Speech without its pauses and the way back in time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.media.wav import SAMPLE_RATE, Samples
from engine.types import Span

# Shorter pauses stay in: they carry the rhythm from which punctuation is guessed.
KEPT_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """Samples of speech put end to end with their original spans."""

    samples: Samples
    pieces: tuple[Span, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    def restore_span(self, start: float, end: float) -> tuple[float, float]:
        """Return where in the recording a stretch of the window lies.

        A stretch across a removed pause belongs to the span that holds its middle.
        """
        starts = [0.0, *accumulate(piece.seconds for piece in self.pieces)]
        index = min(bisect_right(starts, (start + end) / 2) - 1, len(self.pieces) - 1)
        piece = self.pieces[max(0, index)]
        shift = piece.start - starts[max(0, index)]
        return tuple(round(min(max(time + shift, piece.start), piece.end), 3) for time in (start, end))  # type: ignore[return-value]  # two in, two out


def merge_spans(spans: Sequence[Span], max_pause: float = KEPT_PAUSE_SECONDS) -> tuple[Span, ...]:
    """Join spans that are at most `max_pause` seconds apart."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start - merged[-1].end <= max_pause:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)
