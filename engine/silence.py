"""Whether anybody speaks where a text was written."""

from engine.chunking import FRAME, SPEECH_OFF
from engine.recogniser import Recogniser
from engine.wav import SAMPLE_RATE, Samples

# The detector remembers what it heard; so many frames, about two seconds, before a place are enough.
LEAD_FRAMES = 64


class SilenceCheck:
    """Listens again to places in the samples of a chunk that begins ``start`` seconds into the recording."""

    def __init__(self, recogniser: Recogniser, samples: Samples, start: float) -> None:
        self._recogniser = recogniser
        self._samples = samples
        self._start = start

    def is_silent(self, start: float, end: float) -> bool:
        """Say whether ``start`` to ``end``, seconds of the recording, sound on average like anything but speech."""
        first, last = (max(0, int((time - self._start) * SAMPLE_RATE / FRAME)) for time in (start, end))
        lead = max(0, first - LEAD_FRAMES)
        detector = self._recogniser.build_detector()
        detector.add(self._samples[lead * FRAME : (last + 1) * FRAME])
        heard = detector.finish()[first - lead :]
        return len(heard) > 0 and float(heard.mean()) < SPEECH_OFF
