"""Whether there is speech where a text was written."""

from collections.abc import Callable

from engine.media.wav import SAMPLE_RATE, Samples
from engine.speech.chunking import FRAME, SPEECH_OFF
from engine.speech.detection import VoiceDetector

# The detector remembers what it heard; this many frames before a place, about two seconds, are enough.
LEAD_FRAMES = 64


class SilenceCheck:
    """Listens again to stretches in the samples of a chunk.

    The chunk begins `start` seconds into the recording.
    """

    def __init__(self, build_detector: Callable[[], VoiceDetector], samples: Samples, start: float) -> None:
        self._build_detector = build_detector
        self._samples = samples
        self._start = start

    def is_silent(self, start: float, end: float) -> bool:
        """Whether a stretch sounds on average like anything but speech.

        `start` and `end` are seconds of the recording.
        """
        first, last = (max(0, int((time - self._start) * SAMPLE_RATE / FRAME)) for time in (start, end))
        lead = max(0, first - LEAD_FRAMES)
        detector = self._build_detector()
        detector.add(self._samples[lead * FRAME : (last + 1) * FRAME])
        heard = detector.finish()[first - lead :]
        return len(heard) > 0 and float(heard.mean()) < SPEECH_OFF
