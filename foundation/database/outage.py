"""Waits out a database that is away.

Work goes on meanwhile, and its results are written when the database is back.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

# After this long without the database, a write is given up and its error raised.
OUTAGE_SECONDS = 600.0
OUTAGE_PAUSE_SECONDS = 1.0

Result = TypeVar("Result")

# A lost connection, a restarting server, a lock that stays taken, a full disk: all of them may pass.
OUTAGES = (OperationalError, InterfaceError)


def survive_outage(write: Callable[[], Result]) -> Result:
    """Call `write` until the database accepts it.

    `write` is a whole transaction. After a connection that broke in the middle of a commit it is unknown whether the
    commit counts. So `write` must refuse by itself to do a thing twice, as fenced writes do.

    Raises:
        OperationalError, InterfaceError: the database was away for OUTAGE_SECONDS.
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
    """Close a connection that has failed; the next query opens another."""
    if not connection.in_atomic_block:
        connection.close()
