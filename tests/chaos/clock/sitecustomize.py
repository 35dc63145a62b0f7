"""A wrong clock for a process, and marks of workers.

All of it is shifted by CHAOS_CLOCK_OFFSET, or the next worker by a file.

Python imports this by itself in each process that has its folder in PYTHONPATH. Only Python's clock is wrong, as the
system's is not ours to turn: the database goes on by the right one, as if it ran on another machine.
"""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path


def shift_clock(seconds):
    import time_machine  # noqa: PLC0415 - takes its time, and few processes need it

    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()


def mark_worker():
    """Leave a file for each worker and shift an ordered clock.

    The worker that renames the order has it. Only the functions on the stack at its fork show that this process will be
    a worker.
    """
    frame, names = sys._getframe(), set()
    while frame := frame.f_back:
        names.add(frame.f_code.co_name)
    if "spawn_worker" not in names:
        return
    folder = Path(os.environ["CHAOS_FOLDER"])
    (folder / f"worker.{os.getpid()}").touch()
    with suppress(FileNotFoundError):
        taken = (folder / "clock").rename(folder / f"clock.{os.getpid()}")
        shift_clock(float(taken.read_text()))


if offset := float(os.environ.get("CHAOS_CLOCK_OFFSET", "0")):
    shift_clock(offset)
if "CHAOS_FOLDER" in os.environ:
    os.register_at_fork(after_in_child=mark_worker)
