"""Reads the feed once for a whole web process, and hands each person's events to their streams."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import connections

from accounts.sign_ins import select_valid
from foundation.database import outage
from jobs.domain.feed import job_feed
from jobs.errors import TooManyStreams
from jobs.live import messages
from jobs.live.feed_wakeup import Wake

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from accounts.sign_ins import SignIn
    from jobs.domain.feed.job_feed import Position, Reading
    from jobs.live.messages import Message
    from jobs.models import FeedEvent

# Whoever does not take their messages is let go at so many; what they missed is read again when they come back.
BACKLOG = 1000
# Enough for a browser or two; their tabs share a connection.
STREAMS_PER_PERSON = 20
# So soon after somebody has signed out their streams end, even if nothing happens; no event reaches them after it.
CHECK_SECONDS = 5.0
# How soon events are looked at again that wait for a transaction that began before theirs.
UNSETTLED_SECONDS = 0.05
# That doubles up to this while nothing comes of it.
UNSETTLED_LIMIT_SECONDS = 0.5
# So many events are read at a time.
READ_LIMIT = 500
JOIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Subscription:
    """One stream's share of the feed, until it `has_ended`; then perhaps with some last words."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in
        self.messages: deque[Message] = deque()
        self.has_ended = False
        self.news = asyncio.Event()

    def push(self, message: Message) -> None:
        """Add a message; the one that is too many ends it instead."""
        if len(self.messages) >= BACKLOG:
            self.messages.clear()
            self.end()
        if not self.has_ended:
            self.messages.append(message)
            self.news.set()

    def end(self, *last_words: Message) -> None:
        """Let nothing come any more after what is there and `last_words`."""
        if not self.has_ended:
            self.messages.extend(last_words)
            self.has_ended = True
            self.news.set()

    async def take(self, seconds: float) -> list[Message]:
        """Return what has come, waiting up to `seconds` for something."""
        if not self.messages and not self.has_ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), seconds)
        self.news.clear()
        taken = list(self.messages)
        self.messages.clear()
        return taken


def read_some(position: Position) -> Reading:
    """Return the next events after `position`."""
    return job_feed.read_after(position, limit=READ_LIMIT)


class Hub:
    """The streams of one web process: one reader, one thread and one connection for all, while there are any."""

    def __init__(self) -> None:
        self.subscriptions: dict[int, set[Subscription]] = {}
        self.position: Position | None = None
        self.is_reading = asyncio.Event()
        self.reader: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self.has_closed = False
        self.checked_at = 0.0
        self.unsettled_pause = UNSETTLED_SECONDS

    async def join(self, sign_in: SignIn) -> tuple[Subscription, Position]:
        """Return a new subscription, and a position from which on it gets every event; `leave` it in the end.

        Raises TooManyStreams, and TimeoutError when the database does not answer.
        """
        own = self.subscriptions.setdefault(sign_in.person_id, set())
        if len(own) >= STREAMS_PER_PERSON:
            raise TooManyStreams
        subscription = Subscription(sign_in)
        own.add(subscription)
        if self.has_closed:
            subscription.end()
        if self.reader is None:
            self.reader = asyncio.create_task(self.read())
        try:
            await asyncio.wait_for(self.is_reading.wait(), JOIN_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            self.leave(subscription)
            raise
        assert self.position is not None  # noqa: S101 - the reader has one from then on
        return subscription, self.position

    def leave(self, subscription: Subscription) -> None:
        """Forget a subscription; doing it twice is fine."""
        person_id = subscription.sign_in.person_id
        own = self.subscriptions.get(person_id, set())
        own.discard(subscription)
        if not own:
            self.subscriptions.pop(person_id, None)

    def close(self) -> None:
        """End all streams, for the server is about to stop; their clients come back to the next one."""
        self.has_closed = True
        for subscription in self.list_subscriptions():
            subscription.end()

    def list_subscriptions(self) -> list[Subscription]:
        """Return all of them."""
        return [subscription for own in self.subscriptions.values() for subscription in own]

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do what needs the database in the hub's own thread, which keeps its connection."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, lambda: work(*arguments))

    async def read(self) -> None:
        """Read the feed and hand it on until nobody listens any more; an outage of the database is waited out."""
        wake, self.position = Wake(), None
        try:
            while self.subscriptions:
                try:
                    pause = await self.read_once()
                except outage.OUTAGES as error:
                    logger.warning("the feed can't be read; trying again: %s", error)
                    await self.run(connections.close_all)
                    pause = outage.OUTAGE_PAUSE_SECONDS
                await wake.wait(pause)
        except Exception:
            logger.exception("the feed's reader failed; its streams begin anew")
        finally:
            # At once: whoever joins while this one is being taken down gets a reader of their own.
            self.reader = None
            self.is_reading.clear()
            for subscription in self.list_subscriptions():
                subscription.end()
            await wake.stop()
            await self.run(connections.close_all)

    async def read_once(self) -> float | None:
        """Hand on what is new; return after how many seconds to look again, None for the usual."""
        if self.position is None:
            self.position = await self.run(job_feed.find_end)
            self.is_reading.set()
        reading = await self.run(read_some, self.position)
        if reading.events:
            owners = {event.owner_id for event in reading.events}
            await self.end_signed_out([one for one in self.list_subscriptions() if one.sign_in.person_id in owners])
            self.hand_on(reading.events)
        if time.monotonic() - self.checked_at >= CHECK_SECONDS:
            self.checked_at = time.monotonic()
            await self.end_signed_out(self.list_subscriptions())
        return self.choose_pause(reading)

    def choose_pause(self, reading: Reading) -> float | None:
        """Return after how many seconds there may be more, None where a notification or the usual pause will do."""
        if reading.events or not reading.has_waiting:
            self.unsettled_pause = UNSETTLED_SECONDS
        else:
            self.unsettled_pause = min(2 * self.unsettled_pause, UNSETTLED_LIMIT_SECONDS)
        is_more = reading.has_waiting or len(reading.events) == READ_LIMIT
        return self.unsettled_pause if is_more else None

    def hand_on(self, events: Sequence[FeedEvent]) -> None:
        """Give each event to its owner's streams."""
        for event in events:
            message = messages.describe_event(event)
            for subscription in self.subscriptions.get(event.owner_id, ()):
                subscription.push(message)
            self.position = message.position

    async def end_signed_out(self, asked: Collection[Subscription]) -> None:
        """End those of `asked` that belong to nobody who is still signed in."""
        if not asked:
            return
        valid = await self.run(select_valid, [subscription.sign_in for subscription in asked])
        for subscription in asked:
            if subscription.sign_in not in valid:
                subscription.end(messages.SIGNED_OUT)
