"""What every engine offers to the steps that use it: hear voices, name the language, write the words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.chunking import Probabilities
from engine.errors import UnsupportedLanguage
from engine.timeline import SpeechWindow
from engine.types import Word
from engine.wav import Samples

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class RawSegment:
    """What a decoder wrote, in seconds of the window it was given, with its own doubts.

    ``fault`` is what makes the text of the whole window implausible, if all tries ended so (see `quality.find_fault`).
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """The segments of one window, which ``index`` names; none where nothing could be understood."""

    index: int
    segments: tuple[RawSegment, ...]


class VoiceDetector(Protocol):
    """Judges a stream of samples, 512 at a time."""

    def add(self, samples: Samples) -> None:
        """Take in more samples, in blocks of any length."""

    def finish(self) -> Probabilities:
        """Return a probability of speech for each 512 samples, the last ones padded with silence."""


class Recogniser(Protocol):
    """An engine inside the child process. Models are loaded when they are first needed."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages this engine writes."""

    def build_detector(self) -> VoiceDetector:
        """Return a detector for one recording."""

    def detect_language(self, samples: Sequence[Samples]) -> tuple[str, float]:
        """Return the likeliest language of some seconds of speech from several places, and its mean probability."""

    def recognise(self, windows: Sequence[SpeechWindow], language: str | None, report: Report) -> Iterator[Recognition]:
        """Yield what is said in each window, in whatever order; ``report`` gets the seconds of speech done so far."""


def require_language(recogniser: Recogniser, language: str | None) -> None:
    """Raise UnsupportedLanguage when the language is given and not one of the engine's."""
    if language is not None and language not in recogniser.languages:
        raise UnsupportedLanguage(f"{language} is not one of {', '.join(recogniser.languages)}")
