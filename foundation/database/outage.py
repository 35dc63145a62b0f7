"""Waits out a database that is away: work goes on meanwhile, and is written down when the database is back."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

# Work that waits to be written is given up after this long.
OUTAGE_SECONDS = 600.0
OUTAGE_PAUSE_SECONDS = 1.0

Result = TypeVar("Result")

# A lost connection, a server that restarts, a lock that is not to be had, a full disk: all of them may pass.
OUTAGES = (OperationalError, InterfaceError)


def survive_outage(write: Callable[[], Result]) -> Result:
    """Call `write`, a whole transaction, until the database takes it, for at most OUTAGE_SECONDS.

    When the connection broke in the middle of a commit, nobody knows whether it counts: `write` must refuse by itself
    to do a thing twice, as fenced writes do.

    Raises:
        OperationalError, InterfaceError: the database stayed away.
    """
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return write()
        except OUTAGES as error:
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            logger.warning("the database does not answer; trying again: %s", error)
            drop_connection()
            time.sleep(OUTAGE_PAUSE_SECONDS)


def drop_connection() -> None:
    """Give up a connection that has failed; the next query opens another."""
    if not connection.in_atomic_block:
        connection.close()
