"""One stream from its beginning to its end, whatever carries it: what was missed, what happens, and signs of life."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from foundation.http.asgi_bodies import run
from jobs.domain.feed import job_feed
from jobs.domain.feed.job_feed import Position
from jobs.errors import OtherPerson
from jobs.live import messages
from jobs.live.messages import HEARTBEAT, HEARTBEAT_SECONDS, Message
from jobs.senders import check_person
from versioning.conf import read_policy
from versioning.versions import check_frontend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import QueryDict

    from accounts.sign_ins import SignIn
    from jobs.live.hub import Hub

# Whoever missed more than this is better served by the pages themselves.
REPLAY_LIMIT = 1000


def find_refusal(sign_in: SignIn, query: QueryDict) -> Message | None:
    """Return what a page is told that cannot be served: its `version` is another one, or it is another `person`'s.

    None for all others, and for programs, which say neither.
    """
    frontend = query.get("version")
    mismatch = None if frontend is None else check_frontend(frontend, read_policy())
    if mismatch:
        return messages.build_mismatch(mismatch)
    try:
        check_person(query.get("person"), sign_in.person)
    except OtherPerson:
        return messages.SIGNED_OUT
    return None


async def follow(hub: Hub, sign_in: SignIn, last_id: str) -> AsyncIterator[list[Message]]:
    """Yield the messages of one stream in batches: everything that came after `last_id`, each event once and in order.

    Without `last_id` it begins with what happens from now on.

    Raises TooManyStreams, and TimeoutError or one of OUTAGES when the database does not answer.
    """
    subscription, start = await hub.join(sign_in)
    try:
        missed = await run(replay, sign_in, last_id, start) if last_id else []
        # As of now: the last event may be a day old, and would be taken for one that others are missing after.
        greeting = messages.greet(None if last_id else await run(read_position, start))
        sent = next((known.position for known in reversed(missed) if known.position), Position.parse(last_id) or start)
        yield [greeting, *missed]
        while not (subscription.has_ended and not subscription.messages):
            batch = []
            for message in await subscription.take(HEARTBEAT_SECONDS):
                if message.position is None or message.position.is_after(sent):
                    batch.append(message)
                    sent = message.position or sent
            if batch or not subscription.has_ended:
                yield batch or [HEARTBEAT]
    finally:
        hub.leave(subscription)


def read_position(position: Position) -> Position:
    """Return `position` as one that was the last a moment ago."""
    return replace(position, seconds=job_feed.read_seconds())


def replay(sign_in: SignIn, last_id: str, start: Position) -> list[Message]:
    """Return the events of a person after `last_id`; one that asks for a reset where they are not to be had."""
    last = Position.parse(last_id)
    if last is None or not job_feed.is_kept(last):
        return [messages.ask_for_reset(read_position(start))]
    reading = job_feed.read_after(last, owner_id=sign_in.person_id, limit=REPLAY_LIMIT + 1)
    if len(reading.events) > REPLAY_LIMIT:
        return [messages.ask_for_reset(read_position(start))]
    return [messages.describe_event(event) for event in reading.events]
