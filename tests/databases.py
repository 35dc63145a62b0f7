"""Databases of a test's own on both stacks.

Threads or other processes can look at them.
"""

import secrets
import shutil
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from tests.postgres import PostgresServer
from transcribe_site.database_settings import build_database

STACKS = ("sqlite", "postgresql")
TEMPLATE = "transcribe_template"
POOL_SIZE = 20

asks_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite how it would read")


class Server:
    """The one PostgreSQL of this test process.

    It starts when a test first needs it.
    """

    started = None

    @classmethod
    def get(cls):
        if cls.started is None:
            cls.started = PostgresServer(fsync=False)
            cls.started.start()
        return cls.started

    @classmethod
    def close(cls):
        if cls.started is not None:
            cls.started.close()
            cls.started = None


@contextmanager
def use_database(stack, folder, blocker):
    """Make an empty database and use that.

    Threads and processes then meet its real locks. Yields its DATABASE_URL: "" for the file db.sqlite3 in `folder`.
    """
    with (use_postgresql if stack == "postgresql" else use_sqlite)(folder, blocker) as url:
        yield url


@contextmanager
def use_sqlite(folder, blocker):
    template = find_folder() / "template.sqlite3"
    if not template.exists():
        migrate("", template, blocker)
    file = folder / "db.sqlite3"
    shutil.copy(template, file)
    with connect("", file, blocker):
        yield ""


@contextmanager
def use_postgresql(folder, blocker):
    server, name = Server.get(), f"test_{secrets.token_hex(6)}"
    if not server.has_database(TEMPLATE):
        migrate(server.create_database(TEMPLATE), folder, blocker)
    url = server.create_database(name, template=TEMPLATE)
    try:
        with connect(url, folder, blocker):
            yield url
    finally:
        server.drop_database(name)


def migrate(url, file, blocker):
    with connect(url, file, blocker):
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)


def find_folder():
    """Return the folder that is removed after the tests.

    It does not depend on a test's own data folder.
    """
    return settings.STATIC_ROOT.parent


@contextmanager
def connect(url, file, blocker):
    """Send every new connection of this process to another database.

    Also those of threads.
    """
    usual, known = connections["default"], connections.settings["default"]
    chosen = {"default": build_database(url, file=file, pool_size=POOL_SIZE)}
    connections.settings["default"] = connections.configure_settings(chosen)["default"]
    del connections["default"]
    try:
        with blocker.unblock():
            yield
            connections["default"].close()
    finally:
        connections.settings["default"] = known
        connections["default"] = usual
