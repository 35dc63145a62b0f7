"""Recordings of real speech, cut and joined.

Their jobs have one to six chunks, and no two are equal.
"""

import io
import wave
from array import array
from dataclasses import dataclass

from benchmarks.speech.sample_reading import find_sample

RATE = 16_000
# A pause this long is a chunk of its own, which is done at once.
PAUSE = bytes(2 * RATE * 11)


@dataclass(frozen=True, slots=True)
class Recording:
    """A file to be uploaded; `name` tells it from the others."""

    name: str
    content: bytes
    seconds: float


def make_recordings(rng, number, *, longest=3):
    """Return `number` different recordings of one to `longest` stretches of speech."""
    source = read_samples()
    return [make_recording(rng, source, f"recording {index}", 1 + index % longest) for index in range(number)]


def make_recording(rng, source, name, parts):
    """Join cuts of `source`, with pauses between most of them."""
    samples = bytearray()
    for part in range(parts):
        if part and rng.random() < 0.7:
            samples += PAUSE
        samples += cut(rng, source, rng.uniform(8, 24))
    return Recording(name, wrap_wav(bytes(samples)), len(samples) / 2 / RATE)


def make_doomed_recording(rng, number):
    """Return a recording of one long chunk.

    It leaves enough time to crash its engine.
    """
    samples = cut(rng, read_samples(), 45)
    return Recording(f"doomed {number}", wrap_wav(samples), len(samples) / 2 / RATE)


def cut(rng, source, seconds):
    """Return a random cut of `seconds` from `source`.

    At its end it goes on from its beginning.
    """
    start, length = 2 * rng.randrange(len(source) // 2), 2 * int(seconds * RATE)
    return (source * (2 + length // len(source)))[start : start + length]


def read_samples():
    """Return both readings at 16 kHz, one after the other."""
    return read_wav(find_sample()) + read_wav(find_sample().with_name("beckett.wav"))


def read_wav(file):
    with wave.open(str(file), "rb") as sound:
        samples, rate = array("h", sound.readframes(sound.getnframes())), sound.getframerate()
    return samples[:: rate // RATE].tobytes()


def wrap_wav(samples):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples)
    return buffer.getvalue()
