"""Voice detection as a stream.

The memory of Silero's network is carried from block to block.
"""

from typing import TYPE_CHECKING

import numpy as np
from faster_whisper.vad import get_vad_model

from engine.media.wav import Samples
from engine.speech.chunking import FRAME, Probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The network sees each frame with the last 64 samples before it.
CONTEXT = 64
STATE_SHAPE = (1, 1, 128)
# The seconds judged at a time, 30: long enough to be quick, and a three-hour file stays flat in memory.
BLOCK = 937 * FRAME
FULL_SCALE = np.float32(32768)


class SileroDetector:
    """Judges block by block with the results of one whole run."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._state = (np.zeros(STATE_SHAPE, np.float32), np.zeros(STATE_SHAPE, np.float32))
        self._context: NDArray[np.float32] = np.zeros(CONTEXT, np.float32)
        self._waiting: list[Samples] = []
        self._length = 0
        self._probabilities: list[Probabilities] = [np.zeros(0, np.float32)]

    def add(self, samples: Samples) -> None:
        self._waiting.append(samples)
        self._length += len(samples)
        if self._length >= BLOCK:
            joined = np.concatenate(self._waiting)
            whole = len(joined) // FRAME * FRAME
            self._judge(joined[:whole])
            self._waiting, self._length = [joined[whole:]], len(joined) - whole

    def finish(self) -> Probabilities:
        self._judge(np.concatenate([*self._waiting, np.zeros(-self._length % FRAME, np.int16)]))
        return np.concatenate(self._probabilities)

    def _judge(self, samples: Samples) -> None:
        """Judge whole frames and remember the network's state."""
        if not len(samples):
            return
        audio = np.concatenate((self._context, samples.astype(np.float32) / FULL_SCALE))
        frames = np.lib.stride_tricks.sliding_window_view(audio, CONTEXT + FRAME)[::FRAME]
        hidden, cell = self._state
        output, hidden, cell = self._session.run(None, {"input": np.ascontiguousarray(frames), "h": hidden, "c": cell})
        self._state, self._context = (hidden, cell), audio[-CONTEXT:]
        self._probabilities.append(output.reshape(-1))
