"""Three hundred overtaking events under constant reconnects.

Ten a second, by writers whose commits overtake each other; reconnects come every second.
"""

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from accounts.models import User
from tests.databases import STACKS, use_database
from tests.jobs.live.conftest import ROOT, Client, WebProcess, use_token

# `make soak` sends more of them.
EVENTS = int(os.environ.get("FEED_EVENTS", "300"))
PER_SECOND = 10
STAY_SECONDS = 1.0
SPARE_SECONDS = 30


@pytest.fixture
def sites(django_db_blocker, tmp_path):
    """A web process on each database, with a person and a token."""
    with ExitStack() as stack:
        sites = []
        for name in STACKS:
            folder = tmp_path / name
            folder.mkdir()
            url = stack.enter_context(use_database(name, folder, django_db_blocker))
            person = User.objects.create_user("anna", password="correct horse battery")
            sites.append((stack.enter_context(WebProcess(folder, url)), person.pk, use_token(person)))
        yield sites


def never(_message):
    return False


async def collect(client):
    """Return the events of a client that reconnects every second.

    Until it has as many as there are.
    """
    found = []
    async with asyncio.timeout(EVENTS / PER_SECOND + SPARE_SECONDS):
        while len(found) < EVENTS:
            heard = await client.listen(never, seconds=STAY_SECONDS)
            found += [message for message in heard if message["type"] == "job"]
            assert {message["type"] for message in heard} <= {"hello", "job"}
    # Whatever came twice would come now.
    return found + [message for message in await client.listen(never, 1.5) if message["type"] == "job"]


def start_writers(web, person_id):
    command = [sys.executable, "-m", "tests.jobs.live.writers", str(person_id), str(EVENTS), str(PER_SECOND)]
    return subprocess.Popen(command, cwd=ROOT, env=web.environment, stdout=subprocess.PIPE, text=True)


async def begin(client):
    await client.listen(lambda message: message["type"] == "hello")
    assert client.last_id


async def follow_all(sites):
    clients = [Client(web.port, way, headers) for web, _, headers in sites for way in ("sse", "websocket")]
    await asyncio.gather(*(begin(client) for client in clients))
    writers = [start_writers(web, person_id) for web, person_id, _ in sites]
    heard = await asyncio.gather(*(collect(client) for client in clients))
    return heard, [writer.communicate(timeout=SPARE_SECONDS)[0].split() for writer in writers]


def test_each_event_comes_once_and_in_order(sites):
    heard, jobs_of_sites = asyncio.run(follow_all(sites))
    for index, found in enumerate(heard):
        jobs = jobs_of_sites[index // 2]
        numbers = {job: [event["progress"] for event in found if event["job"] == job] for job in jobs}
        assert numbers == {job: list(range(1, EVENTS // len(jobs) + 1)) for job in jobs}
        places = [tuple(map(int, event["id"].split(".")[:2])) for event in found]
        assert places == sorted(set(places))
        assert len(found) == EVENTS
    # Both transports say the same.
    assert heard[0::2] == heard[1::2]
