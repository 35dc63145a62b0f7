"""The loudness of speech: too quiet, or clipped at its peaks."""

from collections.abc import Sequence

import numpy as np

from engine.flags import CLIPPED, QUIET
from engine.media.wav import Samples
from engine.speech.chunking import FRAME, Stretch

FULL_SCALE = 32768
# Samples at the very edge are what a converter or an editor has cut off; two in 32 ms are no accident.
EDGE = 32_700
EDGE_SAMPLES = 2
# Above this share of speech frames with cut peaks, distortion is heard.
CLIPPED_FRAMES = 0.05
# Speech usually peaks at -20 to -6 dB of full scale. Below -45 dB it is flagged as quiet.
QUIET_LEVEL = 10 ** (-45 / 20) * FULL_SCALE
# The loudest sounds of speech show its level, single knocks do not.
LOUD_PERCENTILE = 95


class LevelMeter:
    """Gathers each frame's loudest sample and whether it is clipped.

    A frame has 32 ms and takes three bytes.
    """

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.int16)
        self._peaks: list[np.ndarray[tuple[int], np.dtype[np.uint16]]] = []
        self._clipped: list[np.ndarray[tuple[int], np.dtype[np.bool_]]] = []

    def add(self, samples: Samples) -> None:
        """Add samples in blocks of any length."""
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        frames = np.abs(joined[:whole].astype(np.int32)).reshape(-1, FRAME)
        self._peaks.append(frames.max(axis=1, initial=0).astype(np.uint16))
        self._clipped.append((frames >= EDGE).sum(axis=1) >= EDGE_SAMPLES)

    def find_flags(self, speech: Sequence[Stretch]) -> tuple[str, ...]:
        """Return the flags for a wrong level of the speech.

        Pauses and silence do not count.
        """
        frames = [slice(start // FRAME, end // FRAME) for start, end in speech]
        if not frames or not self._peaks:
            return ()
        peaks, clipped = np.concatenate(self._peaks), np.concatenate(self._clipped)
        spoken = np.concatenate([peaks[part] for part in frames])
        if not len(spoken):
            return ()
        if np.concatenate([clipped[part] for part in frames]).mean() > CLIPPED_FRAMES:
            return (CLIPPED,)
        return (QUIET,) if np.percentile(spoken, LOUD_PERCENTILE) < QUIET_LEVEL else ()
