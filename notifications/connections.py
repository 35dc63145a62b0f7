"""Connections with one deadline for everything.

A socket's own limit is one for each byte.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# After the deadline connections are ended at this interval, as another may have come.
END_AGAIN_SECONDS = 0.5


def reach(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """Return a connection to the first of these addresses that answers.

    Each has its share of the time until `deadline` (of time.monotonic).

    Raises:
        OSError: none of them can be reached, or the deadline is over.
    """
    *others, last = addresses
    for number, address in enumerate(others):
        with suppress(OSError):
            share = find_left(deadline) / (len(addresses) - number)
            return hold_to(deadline, socket.create_connection((address, port), timeout=share))
    return hold_to(deadline, socket.create_connection((last, port), timeout=find_left(deadline)))


def hold_to(deadline: float, channel: socket.socket) -> socket.socket:
    """Return a connection that has until `deadline` for each answer.

    Raises:
        TimeoutError: the deadline is over.
    """
    try:
        channel.settimeout(find_left(deadline))
    except OSError:
        channel.close()
        raise
    return channel


def find_left(deadline: float) -> float:
    """Return the seconds until `deadline`.

    Raises:
        TimeoutError: the deadline is over.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class EndAt:
    """Ends a connection at a deadline, even while single bytes still arrive."""

    def __init__(self, deadline: float, find_channel: Callable[[], socket.socket | None]) -> None:
        self.deadline = deadline
        self.find_channel = find_channel
        self.is_over = threading.Event()

    def __enter__(self) -> None:
        threading.Thread(target=self.watch, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.is_over.set()

    def watch(self) -> None:
        """Wait for the deadline, and end each connection from then on."""
        pause = max(0.0, self.deadline - time.monotonic())
        while not self.is_over.wait(pause):
            self.end()
            pause = END_AGAIN_SECONDS

    def end(self) -> None:
        """End the connection for the thread that reads or writes."""
        channel = self.find_channel()
        if channel is not None:
            with suppress(OSError):
                # Not the method of an SSLSocket, which removes what another thread is reading by.
                socket.socket.shutdown(channel, socket.SHUT_RDWR)
