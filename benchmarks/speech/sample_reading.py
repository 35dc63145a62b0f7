"""A short reading with known text, repeated as needed."""

import wave
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

PACKAGE = "moonshine-voice"
SAMPLE = "moonshine_voice/assets/two_cities.wav"
CLIP = "moonshine_voice/assets/beckett.wav"
TEXT = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, "
    "it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of "
    "Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing "
    "before us, we were all going direct to Heaven, we were all going direct the other way; in short, the period was "
    "so far like the present period, that some of its noisiest authorities insisted on its being received, for good or "
    "for evil, in the superlative degree of comparison only."
)


@dataclass(frozen=True, slots=True)
class Speech:
    """Audio and its text.

    `repeats` is how often the same reading follows itself.
    """

    file: Path
    seconds: float
    text: str
    repeats: int


def find_sample() -> Path:
    """Return the reading, which comes with a package that is never imported.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    return Path(str(distribution(PACKAGE).locate_file(SAMPLE)))


def find_clip() -> Path:
    """Return ten seconds of speech, from the same package.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    return Path(str(distribution(PACKAGE).locate_file(CLIP)))


def repeat_sample(minutes: float, file: Path) -> Speech:
    """Write the reading to `file` until there are `minutes`.

    At least once.
    """
    with wave.open(str(find_sample()), "rb") as sample:
        parameters, frames = sample.getparams(), sample.readframes(sample.getnframes())
    seconds = parameters.nframes / parameters.framerate
    repeats = max(1, -int(-minutes * 60 // seconds))
    with wave.open(str(file), "wb") as repeated:
        repeated.setparams(parameters)
        for _ in range(repeats):
            repeated.writeframes(frames)
    return Speech(file, repeats * seconds, " ".join([TEXT] * repeats), repeats)
