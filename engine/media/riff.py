"""The length that a WAV header promises.

FFmpeg hides it when the file ends earlier.
"""

import struct
from pathlib import Path
from typing import BinaryIO

# Programs that stream write a length close to the largest number instead of the true one: from here on it is unknown.
UNKNOWN_LENGTH = 0x7FFFF000
MAX_HEADERS = 32


def read_wav_seconds(path: Path) -> float | None:
    """Return the seconds of sound that a RIFF WAV promises.

    None when it is none, or does not say.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        return _scan_headers(file)


def _scan_headers(file: BinaryIO) -> float | None:
    bytes_per_second = 0
    for _ in range(MAX_HEADERS):
        header = file.read(8)
        if len(header) < 8:  # noqa: PLR2004 - four letters and a length
            break
        name, length = struct.unpack("<4sI", header)
        if name == b"data":
            known = bytes_per_second > 0 and 0 < length < UNKNOWN_LENGTH
            return length / bytes_per_second if known else None
        if name == b"fmt ":
            bytes_per_second = int.from_bytes(file.read(12)[8:12], "little")
            length -= 12
        # Chunks are padded to even lengths.
        file.seek(length + length % 2, 1)
    return None
