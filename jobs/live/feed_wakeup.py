"""Says when there may be something new in the feed: PostgreSQL tells at each commit, SQLite has to be asked."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import psycopg
from django.db import connections

from jobs.domain.feed.job_feed import CHANNEL

# A look is one query of well under a millisecond, for all who listen to this process.
SQLITE_SECONDS = 0.2
# Also where notifications do not come through, as behind a proxy such as pgbouncer.
POSTGRESQL_SECONDS = 0.5
RECONNECT_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Wake:
    """Wakes one reader; listens on a connection of its own where the database can tell."""

    def __init__(self) -> None:
        self.database = connections["default"]
        self.can_listen = self.database.vendor == "postgresql"
        self.pause = POSTGRESQL_SECONDS if self.can_listen else SQLITE_SECONDS
        self.rung = asyncio.Event()
        self.listener = asyncio.create_task(self.listen()) if self.can_listen else None

    async def wait(self, seconds: float | None = None) -> None:
        """Return when something may be new since the last wait, at the latest after `seconds` or the usual pause."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), seconds or self.pause)
        self.rung.clear()

    def ring(self) -> None:
        """Let whoever waits look now."""
        self.rung.set()

    async def stop(self) -> None:
        """Listen no longer."""
        if self.listener is not None:
            self.listener.cancel()
            (outcome,) = await asyncio.gather(self.listener, return_exceptions=True)
            if isinstance(outcome, Exception):
                logger.error("notifications of the database were no longer listened to", exc_info=outcome)

    async def listen(self) -> None:
        """Ring at each notification, until cancelled; while there is no connection, the pauses have to do."""
        while True:
            try:
                await self.listen_once()
            except (psycopg.Error, OSError) as error:
                logger.info("no notifications from the database: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def listen_once(self) -> None:
        """Listen until the connection breaks. Raises psycopg.Error and OSError."""
        known = self.database.get_connection_params()
        django_only = ("cursor_factory", "context", "prepare_threshold")
        options = {name: value for name, value in known.items() if name not in django_only}
        async with await psycopg.AsyncConnection.connect(**options, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.ring()
            async for _ in connection.notifies():
                self.ring()
