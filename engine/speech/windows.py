"""The speech of a chunk in short windows cut in pauses.

Short, since an encoder's cost grows faster than its input.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

import numpy as np

from engine.media.wav import SAMPLE_RATE, Samples
from engine.speech.timeline import KEPT_PAUSE_SECONDS, SpeechWindow, merge_spans
from engine.types import ChunkPlan, Span

# The longest window. Whisper was trained on 30 s; half of that costs less than half, and rarely causes more errors.
WINDOW_SECONDS = 14.0
# Windows are made equally long in steps of this.
EVENNESS_SECONDS = 0.25


def cut_windows(samples: Samples, chunk: ChunkPlan, longest: float = WINDOW_SECONDS) -> tuple[SpeechWindow, ...]:
    """Put the speech of a chunk's samples into windows, in order.

    They have at most `longest` seconds. Long pauses are left out.
    """
    speech = [part for span in chunk.speech for part in split_span(span, longest)]
    return tuple(cut_window(samples, chunk.start, spans) for spans in group_spans(speech, longest))


def split_span(span: Span, longest: float) -> list[Span]:
    """Return a span in equal parts of at most `longest` seconds.

    Preparation has already cut all but the oldest spans.
    """
    parts = max(1, ceil(span.seconds / longest))
    bounds = [span.start + span.seconds * part / parts for part in range(parts)] + [span.end]
    return [Span(start, end) for start, end in pairwise(bounds)]


def group_spans(spans: Sequence[Span], longest: float) -> list[Sequence[Span]]:
    """Return the spans in few groups of even length.

    They have at most `longest` seconds, and are as few as can be. All windows of a chunk are padded to the longest, so
    each second that it is longer is paid for as often as there are windows.
    """
    groups = fill_groups(spans, longest)
    while (shorter := longest - EVENNESS_SECONDS) > 0:
        evener = fill_groups(spans, shorter)
        if len(evener) > len(groups):
            break
        groups, longest = evener, shorter
    return groups


def fill_groups(spans: Sequence[Span], longest: float) -> list[Sequence[Span]]:
    """Return the spans in groups that fit into `longest` seconds.

    Each holds as many as fit, and at least one.
    """
    groups: list[Sequence[Span]] = []
    rest = spans
    while rest:
        fitting = sum(length <= longest for length in measure_lengths(rest))
        groups.append(rest[: max(1, fitting)])
        rest = rest[max(1, fitting) :]
    return groups


def measure_lengths(spans: Sequence[Span]) -> list[float]:
    """Return the running seconds of the spans.

    The pauses that stay in are counted.
    """
    lengths: list[float] = []
    for index, span in enumerate(spans):
        pause = span.start - spans[index - 1].end if index else 0.0
        kept = pause if pause <= KEPT_PAUSE_SECONDS else 0.0
        lengths.append((lengths[-1] if lengths else 0.0) + kept + span.seconds)
    return lengths


def cut_window(samples: Samples, start: float, spans: Sequence[Span]) -> SpeechWindow:
    """Put the stretches of speech end to end.

    `samples` begin `start` seconds into the recording.
    """
    kept: list[Samples] = []
    pieces: list[Span] = []
    for span in merge_spans(spans):
        first, last = (round((time - start) * SAMPLE_RATE) for time in (span.start, span.end))
        kept.append(samples[first:last])
        pieces.append(Span(span.start, span.start + len(kept[-1]) / SAMPLE_RATE))
    return SpeechWindow(np.concatenate(kept) if kept else samples[:0], tuple(pieces))
