"""The hub under faults.

Listeners that do not listen, a database that is away, an error, the end.
"""

import asyncio
import threading
import uuid

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from accounts.sign_ins import SignIn
from jobs.domain.feed import job_feed
from jobs.live import hub as hubs
from jobs.live import stream
from jobs.live.hub import Hub, Subscription
from jobs.live.messages import HEARTBEAT
from jobs.models import Job
from tests.databases import use_database


@pytest.fixture
def sign_in(django_db_blocker, tmp_path, monkeypatch):
    """A sign-in that the database does not have to confirm."""
    with use_database("sqlite", tmp_path, django_db_blocker):
        person = User.objects.create_user("anna")
        monkeypatch.setattr(hubs, "select_valid", set)
        yield SignIn(person, person.pk, session_key="a")


def publish(person):
    job_feed.publish([Job(id=uuid.uuid4(), owner_id=person.pk)], job_feed.CHANGED)
    connection.close()


async def take(subscription):
    async with asyncio.timeout(10):
        return await subscription.take(10)


def test_whoever_takes_nothing_is_let_go(sign_in):
    async def overflow():
        subscription = Subscription(sign_in)
        for _ in range(hubs.BACKLOG + 1):
            subscription.push(HEARTBEAT)
        return await subscription.take(5), subscription.has_ended

    assert asyncio.run(overflow()) == ([], True)


def test_an_outage_is_waited_out_and_nothing_is_missed(sign_in, monkeypatch, caplog):
    read, outages, is_away = job_feed.read_after, iter([OperationalError("away")] * 2), threading.Event()

    def read_later(position, limit):
        for error in outages:
            is_away.set()
            raise error
        return read(position, limit=limit)

    async def listen():
        hub = Hub()
        subscription, _ = await hub.join(sign_in)
        monkeypatch.setattr(job_feed, "read_after", read_later)
        monkeypatch.setattr(hubs.outage, "OUTAGE_PAUSE_SECONDS", 0.05)
        await asyncio.to_thread(is_away.wait, 10)
        await asyncio.to_thread(publish, sign_in.person)
        (message,) = await take(subscription)
        reader = hub.reader
        hub.leave(subscription)
        await reader
        return message

    assert asyncio.run(listen()).members["kind"] == "changed"
    assert "the feed can't be read" in caplog.text


def test_after_an_error_the_streams_begin_anew(sign_in, monkeypatch, caplog):
    def fail(_position, limit):
        raise RuntimeError("a fault of the program")

    async def listen():
        hub = Hub()
        subscription, _ = await hub.join(sign_in)
        with monkeypatch.context() as patch:
            patch.setattr(job_feed, "read_after", fail)
            reader = hub.reader
            assert await take(subscription) == []
            await reader
        assert subscription.has_ended
        hub.leave(subscription)
        again, _ = await hub.join(sign_in)
        await asyncio.to_thread(publish, sign_in.person)
        found = await take(again)
        reader = hub.reader
        hub.leave(again)
        await reader
        return found

    assert len(asyncio.run(listen())) == 1
    assert "the feed's reader failed" in caplog.text


def test_a_database_that_is_away_at_the_beginning_is_said(sign_in, monkeypatch):
    def fail():
        raise OperationalError("away")

    async def listen():
        hub = Hub()
        monkeypatch.setattr(job_feed, "find_end", fail)
        monkeypatch.setattr(hubs, "JOIN_SECONDS", 0.2)
        with pytest.raises(TimeoutError):
            await hub.join(sign_in)
        assert hub.list_subscriptions() == []
        await asyncio.gather(*filter(None, [hub.reader]))

    asyncio.run(listen())


def test_streams_end_with_the_server_and_none_begin(sign_in):
    async def listen():
        hub = Hub()
        first = stream.follow(hub, sign_in, "")
        greeting = await anext(first)
        hub.close()
        rest = [batch async for batch in first]
        later = [batch async for batch in stream.follow(hub, sign_in, "")]
        await asyncio.gather(*filter(None, [hub.reader]))
        return [message.type for message in greeting], rest, [message.type for batch in later for message in batch]

    assert asyncio.run(listen()) == (["hello"], [], ["hello"])


def test_nobody_reads_when_nobody_listens(sign_in):
    async def listen():
        hub = Hub()
        subscription, _ = await hub.join(sign_in)
        reader = hub.reader
        hub.leave(subscription)
        hub.leave(subscription)
        await asyncio.wait_for(reader, 5)
        assert (hub.subscriptions, hub.reader) == ({}, None)

    asyncio.run(listen())


def test_who_joins_while_the_reader_is_taken_down_is_read_for(sign_in, monkeypatch):
    async def listen():
        hub = Hub()
        first, _ = await hub.join(sign_in)
        old, stop = hub.reader, hubs.Wake.stop
        is_stopping, may_stop = asyncio.Event(), asyncio.Event()

        async def stop_slowly(wake):
            is_stopping.set()
            await may_stop.wait()
            await stop(wake)

        monkeypatch.setattr(hubs.Wake, "stop", stop_slowly)
        hub.leave(first)
        await is_stopping.wait()
        second, _ = await hub.join(sign_in)
        await asyncio.to_thread(publish, sign_in.person)
        found = await take(second)
        new = hub.reader
        hub.leave(second)
        may_stop.set()
        await asyncio.gather(old, new)
        return found

    assert len(asyncio.run(listen())) == 1


def test_what_has_to_wait_is_asked_for_more_and_more_seldom():
    hub, waiting = Hub(), job_feed.Reading([], has_waiting=True)
    pauses = [hub.choose_pause(waiting) for _ in range(8)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (2 * hubs.UNSETTLED_SECONDS, hubs.UNSETTLED_LIMIT_SECONDS)
    assert hub.choose_pause(job_feed.Reading([], has_waiting=False)) is None
    assert hub.choose_pause(waiting) == pauses[0]


def test_more_than_is_read_at_once_is_read_at_once_after_it():
    hub = Hub()
    assert hub.choose_pause(job_feed.Reading([None] * hubs.READ_LIMIT, has_waiting=False)) == hubs.UNSETTLED_SECONDS
    assert hub.choose_pause(job_feed.Reading([None], has_waiting=False)) is None


def test_all_of_it_comes_however_much_it_is(sign_in, monkeypatch):
    monkeypatch.setattr(hubs, "READ_LIMIT", 2)

    async def listen():
        hub = Hub()
        subscription, _ = await hub.join(sign_in)
        for _ in range(5):
            await asyncio.to_thread(publish, sign_in.person)
        found = []
        while len(found) < 5:
            found += await take(subscription)
        reader = hub.reader
        hub.leave(subscription)
        await reader
        return [message.position for message in found]

    positions = asyncio.run(listen())
    assert positions == sorted(set(positions))
