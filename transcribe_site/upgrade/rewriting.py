"""Fills new tables from those of the version before, in one transaction."""

from pathlib import Path

from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from jobs.management.startup import describe_error
from transcribe_site.upgrade.changes import CHANGES
from transcribe_site.upgrade.old_tables import SCHEMA, DatabaseInUse, OldTables, open_old_tables
from transcribe_site.upgrade.row_copies import UnknownColumns, build_copies
from transcribe_site.upgrade.tables import read_tables


class UpgradeFailed(Exception):
    """The database is as it was; the message says why."""


def rewrite_database() -> Path | None:
    """Bring the database of the version before to this one.

    Returns:
        on SQLite the copy of the database as it was.

    Raises:
        UpgradeFailed: nothing has changed.
    """
    try:
        with open_old_tables() as old, transaction.atomic():
            replace_tables(old)
    except DatabaseInUse as error:
        raise UpgradeFailed("Something else writes to the database. Stop Transcribe everywhere.") from error
    except UnknownColumns as error:
        raise UpgradeFailed(f"These columns are not known: {error}.") from error
    except (Error, OSError) as error:
        raise UpgradeFailed(f"{describe_error(error)}.") from error
    return old.copy


def replace_tables(old: OldTables) -> None:
    """Set the old tables aside and copy their rows into new ones."""
    before = read_tables()
    old.set_aside(before)
    make_tables()
    after = read_tables()
    old.defer_checks()
    with connection.cursor() as cursor:
        for copy in build_copies(before, after, CHANGES, SCHEMA):
            cursor.execute(*copy)
    old.copy_counters(after)
    old.remove(before)
    # Adds what Django keeps of each model, such as permissions, and tables of apps that have no migrations.
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)


def make_tables() -> None:
    """Make the tables of this version, without rows."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
