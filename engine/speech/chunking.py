"""From speech probabilities to stretches and chunks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.media.wav import SAMPLE_RATE, locate_samples
from engine.types import ChunkPlan, Span

Probabilities = NDArray[np.float32]
Stretch = tuple[int, int]  # first sample, sample after the last

# Silero judges 512 samples (32 ms) at a time.
FRAME = 512
# Hysteresis as in Silero's own utilities: speech starts at 0.5 and lasts while above 0.35.
SPEECH_ON = 0.5
SPEECH_OFF = 0.35
MIN_SILENCE = int(0.4 * SAMPLE_RATE)
# A shorter sound is a click or a single loud frame of noise, and no word.
MIN_SPEECH = int(0.16 * SAMPLE_RATE)
# Speech is widened by this: consonants at the edges of words are quieter than the detector's threshold.
PADDING = int(0.3 * SAMPLE_RATE)

# A stretch fits a recogniser's window: see engine/speech/windows.py.
MAX_STRETCH = 14 * SAMPLE_RATE
# A stretch is cut no later than this before its end: a rest must be more than padding.
LEAST_PART = 2 * SAMPLE_RATE
MAX_CHUNK = 60 * SAMPLE_RATE
# A cut is looked for in the second half of a chunk, so that chunks do not become tiny.
CUT_WINDOW = 30 * SAMPLE_RATE
# Without a pause, the cut is at the least speech-like moment of these last seconds.
HARD_CUT_WINDOW = 15 * SAMPLE_RATE
# A pause this long becomes a chunk of its own, which costs no engine time.
LONG_PAUSE = 10 * SAMPLE_RATE


def find_speech(probabilities: Probabilities, samples: int) -> list[Stretch]:
    """Return the stretches of speech within `samples`.

    They are padded, in order and without overlap. Speech without long pauses becomes stretches that follow each other
    at once.
    """
    stretches = [item for item in _find_raw(probabilities.tolist(), samples) if item[1] - item[0] >= MIN_SPEECH]
    padded: list[Stretch] = []
    for start, end in stretches:
        begin, finish = max(0, start - PADDING), min(samples, end + PADDING)
        if padded and begin <= padded[-1][1]:
            padded[-1] = (padded[-1][0], finish)
        else:
            padded.append((begin, finish))
    return [part for stretch in padded for part in _split_stretch(stretch, probabilities)]


def _split_stretch(stretch: Stretch, probabilities: Probabilities) -> Iterator[Stretch]:
    """Yield a stretch in parts that fit a window.

    Each cut is at the least speech-like frame of a part's second half.
    """
    start, end = stretch
    while end - start > MAX_STRETCH:
        first, last = (start + MAX_STRETCH // 2) // FRAME + 1, min(start + MAX_STRETCH, end - LEAST_PART) // FRAME
        cut = (first + int(np.argmin(probabilities[first:last]))) * FRAME + FRAME // 2
        yield start, cut
        start = cut
    yield start, end


def _find_raw(probabilities: list[float], samples: int) -> Iterator[Stretch]:
    start: int | None = None
    silence: int | None = None
    for index, probability in enumerate(probabilities):
        position = index * FRAME
        if probability >= SPEECH_ON:
            start = position if start is None else start
            silence = None
        elif start is not None and probability < SPEECH_OFF:
            silence = position if silence is None else silence
            if position + FRAME - silence >= MIN_SILENCE:
                yield start, silence
                start = silence = None
    if start is not None:
        yield start, samples if silence is None else silence


def plan_chunks(speech: Sequence[Stretch], samples: int, probabilities: Probabilities) -> tuple[ChunkPlan, ...]:
    """Cut `samples` into contiguous chunks that cover them all.

    A chunk with speech lasts at most 60 s and is cut in a pause where there is one;
    stretches without speech become chunks of any length with empty `speech`.
    """
    bounds = [0]
    while bounds[-1] < samples:
        bounds.append(_find_end(bounds[-1], speech, samples, probabilities))
    return tuple(_build_chunk(index, pair, speech) for index, pair in enumerate(pairwise(bounds)))


def _find_end(position: int, speech: Sequence[Stretch], samples: int, probabilities: Probabilities) -> int:
    rest = [(max(start, position), end) for start, end in speech if end > position]
    if not rest:
        return samples
    if rest[0][0] - position >= LONG_PAUSE:
        return rest[0][0]
    limit = min(samples, position + MAX_CHUNK)
    pauses = [pause for pause in _find_pauses(rest, samples) if pause[0] < limit]
    for start, end in pauses:
        if end - start >= LONG_PAUSE:
            return start
    if limit == samples:
        return samples
    return _choose_cut(position, limit, pauses, probabilities)


def _find_pauses(speech: list[Stretch], samples: int) -> Iterator[Stretch]:
    """Yield the pauses between and after the stretches."""
    starts = [start for start, _ in speech[1:]] + [samples]
    for (_, end), start in zip(speech, starts, strict=True):
        if start > end:
            yield end, start


def _choose_cut(position: int, limit: int, pauses: list[Stretch], probabilities: Probabilities) -> int:
    """Return the middle of the longest pause in the second half.

    Without one, the chunk's least speech-like frame.
    """
    earliest = position + MAX_CHUNK - CUT_WINDOW
    usable = [(max(start, earliest), min(end, limit)) for start, end in pauses if end > earliest]
    if usable:
        start, end = max(usable, key=lambda pause: (pause[1] - pause[0], pause[1]))
        return (start + end) // 2
    first = (limit - HARD_CUT_WINDOW) // FRAME + 1
    window = probabilities[first : limit // FRAME]
    return (first + int(np.argmin(window))) * FRAME + FRAME // 2 if len(window) else limit


def _build_chunk(index: int, bounds: Stretch, speech: Sequence[Stretch]) -> ChunkPlan:
    first, last = bounds
    inside = ((max(start, first), min(end, last)) for start, end in speech)
    offset, length = locate_samples(first, last)
    return ChunkPlan(
        index=index,
        start=first / SAMPLE_RATE,
        end=last / SAMPLE_RATE,
        offset=offset,
        length=length,
        speech=tuple(Span(start / SAMPLE_RATE, end / SAMPLE_RATE) for start, end in inside if start < end),
    )
