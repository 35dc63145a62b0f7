"""Short recordings of real speech and longer ones joined from them.

Their texts are known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.speech.waveforms import RATE, Signal, from_db, limit, make_silence, measure_level

# Outside of this many letters a second a clip does not say its text.
LETTERS_PER_SECOND = (5.0, 22.0)
PAUSE_SECONDS = (0.3, 1.5)
# How loud speech is, below full scale.
LEVEL_DB = -22.0


@dataclass(frozen=True, slots=True)
class Clip:
    """One utterance and what is said in it."""

    signal: Signal
    text: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.signal) / RATE


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of a recording with its words, in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Take:
    """Sound and all that is said in it, in order."""

    signal: Signal
    utterances: tuple[Utterance, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.signal) / RATE


def drop_unfit(clips: Iterable[Clip]) -> Iterator[Clip]:
    """Yield plausible clips without repeated sounds or texts.

    A clip must be long enough for its text.
    """
    texts, sounds = set(), set()
    for clip in clips:
        key, sound = simplify(clip.text), hash(clip.signal.tobytes())
        if key in texts or sound in sounds or not is_plausible(clip):
            continue
        texts.add(key)
        sounds.add(sound)
        yield clip


def set_levels(clips: Iterable[Clip]) -> Iterator[Clip]:
    """Yield clips of equal loudness.

    So a noise is as loud beside each.
    """
    for clip in clips:
        factor = np.float32(from_db(LEVEL_DB) / measure_level(clip.signal))
        yield Clip(limit(clip.signal * factor), clip.text)


def is_plausible(clip: Clip) -> bool:
    """Whether the text can be spoken in the time."""
    slowest, fastest = LETTERS_PER_SECOND
    return bool(clip.seconds) and slowest <= len(clip.text) / clip.seconds <= fastest


def simplify(text: str) -> str:
    """Return what two texts that sound alike have in common."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def assemble(
    clips: Iterator[Clip],
    seconds: float,
    random: np.random.Generator,
    pauses: tuple[float, float] = PAUSE_SECONDS,
) -> Take:
    """Join clips until there are `seconds` or no more.

    A pause within the range `pauses`, in seconds, follows each.
    """
    parts: list[Signal] = []
    utterances: list[Utterance] = []
    at = 0.0
    while at < seconds and (clip := next(clips, None)) is not None:
        utterances.append(Utterance(at, at + clip.seconds, clip.text))
        parts += [clip.signal, make_silence(random.uniform(*pauses))]
        at += sum(len(part) for part in parts[-2:]) / RATE
    return Take(np.concatenate(parts) if parts else make_silence(0), tuple(utterances))


def stretch_pauses(take: Take, pauses: tuple[float, float], random: np.random.Generator) -> Take:
    """Put the same utterances further apart."""
    cuts = [round(utterance.start * RATE) for utterance in take.utterances]
    bounds = pairwise([*cuts, len(take.signal)])
    texts = [utterance.text for utterance in take.utterances]
    clips = [Clip(take.signal[start:end], text) for (start, end), text in zip(bounds, texts, strict=True)]
    return assemble(iter(clips), float("inf"), random, pauses)


def scale_times(utterances: Sequence[Utterance], factor: float) -> tuple[Utterance, ...]:
    """Return the utterances in a recording `factor` times as long."""
    return tuple(Utterance(said.start * factor, said.end * factor, said.text) for said in utterances)
