"""Fetch a model from Hugging Face in a separate process.

It is killed when nothing more arrives.
"""

import subprocess
import sys
import time
from pathlib import Path

from engine.errors import ModelMissing

# A download that grows by no byte for this long is given up: a silent name server must not stop the start.
STALL_SECONDS = 15.0
POLL_SECONDS = 0.2
COMMAND = [sys.executable, "-m", "engine.models.fetch"]


def fetch_model(name: str, folder: Path) -> Path:
    """Fetch a model by its faster-whisper name into `folder`.

    Returns that folder. Takes as long as bytes arrive.

    Raises:
        ModelMissing: no bytes came for 15 s, or Hugging Face refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [*COMMAND, name, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parents[2],
    ) as process:
        try:
            watch_growth(process, folder)
        finally:
            process.kill()
    if process.returncode or not (folder / "model.bin").is_file():
        raise ModelMissing(f"the model hub did not give {name}")
    return folder


def watch_growth(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait until the process has ended.

    Raises:
        ModelMissing: the folder stopped growing.
    """
    size, changed = -1, time.monotonic()
    while process.poll() is None:
        now = measure_folder(folder)
        if now != size:
            size, changed = now, time.monotonic()
        if time.monotonic() - changed > STALL_SECONDS:
            raise ModelMissing("the model hub did not answer")
        time.sleep(POLL_SECONDS)


def measure_folder(folder: Path) -> int:
    """Return the bytes in a folder with hidden unfinished downloads."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            # A temporary file has just been moved to its place.
            continue
    return total
