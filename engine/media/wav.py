"""The working copy: a 16 kHz mono 16-bit WAV.

It is written as the sound comes, and read by byte range.
"""

import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE = 16_000
SAMPLE_BYTES = 2
# RIFF, fmt and data headers of plain PCM as the standard library writes them.
HEADER_BYTES = 44
# The length fields of a WAV have 32 bits: longer recordings cannot be written.
MAX_SECONDS = (2**32 - 1 - HEADER_BYTES) // (SAMPLE_RATE * SAMPLE_BYTES)


class WavWriter:
    """Writes a working copy that appears only when it is whole.

    Until then it lies beside its final place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._file = self._part.open("wb")
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - closed when this writer is left
        self._wave.setnchannels(1)
        self._wave.setsampwidth(SAMPLE_BYTES)
        self._wave.setframerate(SAMPLE_RATE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._file:
                self._wave.close()
            if error is None:
                self._part.replace(self._path)
        except OSError:
            # The disk is full; what went wrong first matters more.
            if error is None:
                raise
        finally:
            self._part.unlink(missing_ok=True)

    def append(self, samples: Samples) -> None:
        """Add samples.

        Raises:
            OSError: the disk is full.
        """
        self._wave.writeframesraw(samples.tobytes())


def read_samples(path: Path, offset: int, length: int) -> Samples:
    """Return `length` bytes from byte `offset` as samples.

    There are fewer when the working copy is shorter.
    """
    with path.open("rb") as file:
        file.seek(offset)
        return np.frombuffer(file.read(length), dtype=np.int16)


def locate_samples(first: int, last: int) -> tuple[int, int]:
    """Return the byte offset and length of a range of samples.

    `last` is not included.
    """
    return HEADER_BYTES + first * SAMPLE_BYTES, (last - first) * SAMPLE_BYTES
