"""The waveform in at most a thousand bars.

It is gathered while the length is still unknown.
"""

import numpy as np
from numpy.typing import NDArray

from engine.media.wav import Samples

Peaks = NDArray[np.int32]

MAX_PEAKS = 1000
# 10 ms of samples: the finest bar a short recording gets.
FIRST_BUCKET = 160
FULL_SCALE = 32768


class PeakMeter:
    """Keeps the loudest sample of each bucket.

    Buckets double in length when there are too many.
    """

    def __init__(self) -> None:
        self._bucket = FIRST_BUCKET
        self._rest = np.zeros(0, dtype=np.int16)
        self._peaks = np.zeros(0, dtype=np.int32)

    def add(self, samples: Samples) -> None:
        self._rest = np.concatenate((self._rest, samples))
        while whole := min(len(self._rest) // self._bucket, MAX_PEAKS - len(self._peaks)):
            length = whole * self._bucket
            self._peaks = np.concatenate((self._peaks, measure_peaks(self._rest[:length], self._bucket)))
            self._rest = self._rest[length:]
            if len(self._peaks) == MAX_PEAKS:
                self._peaks = self._peaks.reshape(-1, 2).max(axis=1)
                self._bucket *= 2

    def finish(self) -> tuple[int, ...]:
        """Return the bars from 0 (silent) to 100 (full scale).

        The last one stands for what is left over.
        """
        last = measure_peaks(self._rest, max(1, len(self._rest)))
        scaled = np.concatenate((self._peaks, last)) * 100 / FULL_SCALE
        return tuple(int(value) for value in np.rint(scaled))


def measure_peaks(samples: Samples, bucket: int) -> Peaks:
    """Return the largest absolute value of each `bucket` samples."""
    peaks: Peaks = np.abs(samples.astype(np.int32)).reshape(-1, bucket).max(axis=1, initial=0)
    return peaks
