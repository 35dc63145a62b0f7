"""Real web servers on both databases.

Clients read their streams by both transports.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import connections

from accounts.api_tokens import issue_token
from accounts.models import User
from jobs.live.streams_app import LiveApp
from tests.databases import STACKS, use_database
from tests.waiting import answers, wait_until

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 20


class WebProcess:
    """One web process over a database that tests read too."""

    def __init__(self, folder, url):
        self.port = find_free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
            "TRANSCRIBE_DATA_DIR": str(folder),
            "TRANSCRIBE_SECRET_KEY": settings.SECRET_KEY,
            "TRANSCRIBE_ENGINE": "fake",
        }
        self.process = None

    def __enter__(self):
        command = [sys.executable, "-m", "uvicorn", "transcribe_site.asgi:application", "--log-level=warning"]
        self.process = subprocess.Popen([*command, f"--port={self.port}"], cwd=ROOT, env=self.environment)
        wait_until(self.is_up)
        return self

    def is_up(self):
        address = f"http://127.0.0.1:{self.port}/version"
        return answers(lambda: urllib.request.urlopen(address, timeout=5).close())

    def __exit__(self, *_exception):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class WebThread:
    """A web server in a thread, so that its work is measured."""

    def __init__(self):
        self.app = LiveApp(ASGIHandler(), None)
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", timeout_graceful_shutdown=5)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self):
        asyncio.run(sync_to_async(forget_connection)())
        self.thread.start()
        wait_until(lambda: self.server.started)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exception):
        self.server.should_exit = True
        self.thread.join(20)
        asyncio.run(sync_to_async(forget_connection)())


def forget_connection():
    """Reset the connection of the thread in which apps reach the database.

    The thread outlives their server.
    """
    connections["default"].close()
    del connections["default"]


class Client:
    """A listener by "sse" or "websocket".

    `last_id` is where it goes on after a reconnect.
    """

    def __init__(self, port, transport, headers):
        self.address = f"http://127.0.0.1:{port}"
        self.transport = transport
        self.headers = headers
        self.last_id = ""
        self.code = None
        self.is_greeted = asyncio.Event()

    @asynccontextmanager
    async def connect(self, **query):
        """Yield an iterator of messages until the stream ends."""
        known = {"last_event_id": self.last_id} if self.last_id else {}
        path = "/api/events/" if self.transport == "sse" else "/ws/events/"
        address = f"{self.address}{path}?{urlencode({**known, **query})}"
        timeout = aiohttp.ClientTimeout(total=None, sock_read=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(headers=self.headers, timeout=timeout) as session:
            if self.transport == "sse":
                async with session.get(address) as response:
                    self.code = response.status
                    yield self.read_frames(response)
            else:
                async with session.ws_connect(address) as connection:
                    yield self.read_texts(connection)

    async def read_frames(self, response):
        async for line in response.content:
            if line.startswith(b"data: "):
                yield self.take(line[6:])

    async def read_texts(self, connection):
        async for message in connection:
            yield self.take(message.data)
        self.code = connection.close_code

    def take(self, text):
        message = json.loads(text)
        self.last_id = message.get("id", self.last_id)
        self.is_greeted.set()
        return message

    async def listen(self, until, seconds=PATIENCE_SECONDS, **query):
        """Return all messages until one for which `until` is true.

        Heartbeats are left out; the end of the stream ends it too.
        """
        found = []
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.connect(**query) as messages:
                async for message in messages:
                    if message["type"] != "heartbeat":
                        found.append(message)
                    if until(message):
                        break
        return found


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def use_token(user):
    return {"Authorization": f"Bearer {issue_token(user, 'listener')[1]}"}


@pytest.fixture(scope="module", params=STACKS)
def live_web(request, django_db_blocker, tmp_path_factory):
    """A web server for the module, on each stack in turn."""
    folder = tmp_path_factory.mktemp("live")
    with use_database(request.param, folder, django_db_blocker), WebThread() as web:
        yield web


@pytest.fixture
def anna(live_web):
    return make_person()


@pytest.fixture
def boris(live_web):
    return make_person()


def make_person():
    return User.objects.create_user(f"person{User.objects.count()}", password="correct horse battery")


@pytest.fixture(params=["sse", "websocket"])
def transport(request):
    return request.param


@pytest.fixture
def client_of(live_web, transport):
    """Return a function that builds a person's client.

    With a token of theirs, or the `headers` given.
    """

    def make(person, headers=None):
        return Client(live_web.port, transport, headers or use_token(person))

    return make
