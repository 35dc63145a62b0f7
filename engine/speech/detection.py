"""What every voice detector offers: a probability of speech for each frame."""

from typing import Protocol

from engine.media.wav import Samples
from engine.speech.chunking import Probabilities


class VoiceDetector(Protocol):
    """Judges a stream of samples, 512 at a time."""

    def add(self, samples: Samples) -> None:
        """Add samples in blocks of any length."""

    def finish(self) -> Probabilities:
        """Return a probability of speech for each 512 samples.

        The last ones are padded with silence.
        """
