"""Gives a process a wrong clock: all of it by CHAOS_CLOCK_OFFSET, or the next worker forked by a file.

Python imports this by itself in each process that has its folder in PYTHONPATH. Only Python's clock is wrong, as the
system's is not ours to turn: the database goes on by the right one, as if it ran on another machine.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path


def shift_clock(seconds):
    import time_machine  # noqa: PLC0415 - takes its time, and few processes need it

    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()


def take_order():
    """Shift the clock if a worker with a wrong one was ordered; whoever renames the file has it."""
    if "TRANSCRIBE_CLUSTER" not in os.environ:
        return
    order = Path(os.environ["CHAOS_CLOCK_ORDER"])
    taken = order.with_name(f"{order.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        order.rename(taken)
        shift_clock(float(taken.read_text()))


if offset := float(os.environ.get("CHAOS_CLOCK_OFFSET", "0")):
    shift_clock(offset)
if "CHAOS_CLOCK_ORDER" in os.environ:
    os.register_at_fork(after_in_child=take_order)
