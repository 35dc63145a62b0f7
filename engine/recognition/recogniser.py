"""The interface of every engine.

Voice detection, language detection and words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import UnsupportedLanguage
from engine.media.wav import Samples
from engine.speech.detection import VoiceDetector
from engine.speech.timeline import SpeechWindow
from engine.types import RawSegment, Report


@dataclass(frozen=True, slots=True)
class Recognition:
    """The segments of one window, which `index` names.

    There are none where nothing could be understood.
    """

    index: int
    segments: tuple[RawSegment, ...]


class Recogniser(Protocol):
    """An engine inside the child process.

    Models are loaded when they are first needed.
    """

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages this engine writes."""

    def build_detector(self) -> VoiceDetector:
        """Return a detector for one recording."""

    def detect_language(self, samples: Sequence[Samples]) -> tuple[str, float]:
        """Return the likeliest language of the samples and its mean probability.

        Each sample is some seconds of speech.
        """

    def recognise(self, windows: Sequence[SpeechWindow], language: str | None, report: Report) -> Iterator[Recognition]:
        """Yield what is said in each window, in any order.

        `report` gets the seconds of speech done so far.
        """


def require_language(recogniser: Recogniser, language: str | None) -> None:
    """Check that the engine writes a set language.

    Raises:
        UnsupportedLanguage: it is not one of the engine's.
    """
    if language is not None and language not in recogniser.languages:
        raise UnsupportedLanguage(f"{language} is not one of {', '.join(recogniser.languages)}")
