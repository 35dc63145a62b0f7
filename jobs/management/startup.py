"""Waits for the database at the start.

Machines that start together prepare it one after the other.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from foundation.database.outage import OUTAGES

WAIT_SECONDS = 60.0
INTERVAL_SECONDS = 0.5
# Any number will do, as long as all machines take the same: it spells "scribe".
START_LOCK = int.from_bytes(b"scribe")
OTHER_VERSION = "The data is of another version of Transcribe."
HOW_TO_UPGRADE = "Stop it everywhere, then run `.venv/bin/python manage.py upgrade_data`."


def describe_error(error: Exception) -> str:
    """Return the first line of a database error.

    It is the one that says what is wrong.
    """
    return next(iter(str(error).splitlines()), type(error).__name__)


def wait_for_database(seconds: float = WAIT_SECONDS) -> None:
    """Wait at most `seconds` until the database accepts connections.

    The reason for waiting is printed once.

    Raises:
        CommandError: it did not.
    """
    deadline, is_said = time.monotonic() + seconds, False
    while True:
        try:
            return connection.ensure_connection()
        except OUTAGES as error:
            words = describe_error(error)
            if time.monotonic() > deadline:
                raise CommandError(f"The database does not answer: {words}. See DATABASE_URL.") from error
            if not is_said:
                sys.stderr.write(f"Waiting for the database: {words}\n")
                is_said = True
        time.sleep(INTERVAL_SECONDS)


@contextmanager
def startup_lock() -> Iterator[None]:
    """Hold the lock for preparing what all machines share.

    The others wait, and find it done.

    Raises:
        CommandError: the database went away meanwhile, or others held it up.
    """
    try:
        acquire_startup_lock()
        yield
        release_startup_lock()
    except OUTAGES as error:
        raise CommandError(f"The database could not be prepared: {describe_error(error)}. Start again.") from error


def acquire_startup_lock() -> None:
    """Wait for the lock of the preparing machine.

    It goes with the connection. SQLite has one machine only.
    """
    is_said = False
    while connection.vendor == "postgresql" and not ask_database("SELECT pg_try_advisory_lock(%s)"):
        if not is_said:
            sys.stderr.write("Another machine prepares the database; waiting for it\n")
            is_said = True
        time.sleep(INTERVAL_SECONDS)


def release_startup_lock() -> None:
    """Release the lock for the next machine."""
    if connection.vendor == "postgresql":
        ask_database("SELECT pg_advisory_unlock(%s)")


def ask_database(question: str) -> bool:
    """Return the answer to a question about the lock."""
    with connection.cursor() as cursor:
        cursor.execute(question, [START_LOCK])
        return bool(cursor.fetchone()[0])


def is_up_to_date() -> bool:
    """Whether just the migrations that this version knows have been run.

    Raises:
        OperationalError: the database cannot be asked.
    """
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes()) and not is_of_other_version()


def is_of_other_version() -> bool:
    """Whether migrations have been run that this version does not know.

    Raises:
        OperationalError: the database cannot be asked.
    """
    loader = MigrationLoader(connection)
    unknown = set(loader.applied_migrations or {}) - set(loader.disk_migrations or {})
    return any(app in loader.migrated_apps for app, _name in unknown)


def refuse_other_version() -> None:
    """Refuse data of another version.

    Raises:
        CommandError: it is of another one, and what to do about it.
    """
    if is_of_other_version():
        raise CommandError(f"{OTHER_VERSION} {HOW_TO_UPGRADE}")
