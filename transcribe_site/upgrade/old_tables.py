"""Sets the old tables aside, so that new ones take their names."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from transcribe_site.upgrade.changes import Column
from transcribe_site.upgrade.tables import Tables, quote

# Under this name old tables are read, on either database.
SCHEMA = "before_upgrade"


class DatabaseInUse(Exception):
    """Something else has written to the database meanwhile."""


class OldTables(Protocol):
    """The old tables of one database; all is called within one transaction."""

    @property
    def copy(self) -> Path | None: ...

    def set_aside(self, tables: Tables) -> None: ...
    def defer_checks(self) -> None: ...
    def copy_counters(self, tables: Tables) -> None: ...
    def remove(self, tables: Tables) -> None: ...


@contextmanager
def open_old_tables() -> Iterator[OldTables]:
    """Make the old tables of either database ready, before the transaction begins."""
    if connection.vendor == "postgresql":
        yield PostgresTables()
    else:
        with open_sqlite_tables() as tables:
            yield tables


class PostgresTables:
    """Old tables move to a schema of their own."""

    copy = None

    def set_aside(self, tables: Tables) -> None:
        """Move the old tables away, once nothing else uses them."""
        execute(f"CREATE SCHEMA {SCHEMA}")
        for table in tables:
            execute(f"ALTER TABLE {quote(table)} SET SCHEMA {SCHEMA}")

    def defer_checks(self) -> None:
        """Accept rows in any order until `remove`."""
        # A migration that adds a key leaves it checked at once.
        execute("SET CONSTRAINTS ALL DEFERRED")

    def copy_counters(self, tables: Tables) -> None:
        """Number new rows from where the old tables stopped."""
        for table, column in list_counted_columns(tables):
            old, new = find_counter(f"{SCHEMA}.{quote(table)}", column), find_counter(quote(table), column)
            if old:
                execute(f"SELECT setval(%s, last_value, is_called) FROM {old}", [new])  # noqa: S608 - a name
            else:
                execute(f"SELECT setval(%s, max({quote(column)})) FROM {quote(table)}", [new])  # noqa: S608 - names

    def remove(self, tables: Tables) -> None:
        """Drop the old tables, unless something else depends on them."""
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute(f"DROP TABLE {', '.join(f'{SCHEMA}.{quote(table)}' for table in tables)}")
        execute(f"DROP SCHEMA {SCHEMA}")


def list_counted_columns(tables: Tables) -> list[Column]:
    """Return the columns of new tables that the database numbers by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND is_identity = 'YES' AND table_name = ANY(%s)",
            [list(tables)],
        )
        return list(cursor.fetchall())


def find_counter(table: str, column: str) -> str | None:
    """Return the sequence of a column, None without such a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN to_regclass(%s) IS NULL THEN NULL ELSE pg_get_serial_sequence(%s, %s) END",
            [table, table, column],
        )
        found: str | None = cursor.fetchone()[0]
        return found


class SqliteTables:
    """Old tables are read from the safe copy."""

    def __init__(self, copy: Path, version: int) -> None:
        self.copy = copy
        self.version = version

    def set_aside(self, tables: Tables) -> None:
        """Make room for new tables.

        Raises:
            DatabaseInUse: the copy lacks what something has written since.
        """
        if read_data_version() != self.version:
            raise DatabaseInUse
        for table in tables:
            execute(f"DROP TABLE main.{quote(table)}")

    def defer_checks(self) -> None:
        """Do nothing: SQLite has no checks before `remove`."""

    def copy_counters(self, tables: Tables) -> None:
        """Number new rows from where the old tables stopped."""
        names, values = ", ".join(["%s"] * len(tables)), list(tables)
        old = f"SELECT name, seq FROM {SCHEMA}.sqlite_sequence WHERE name IN ({names})"  # noqa: S608 - placeholders
        execute(f"DELETE FROM main.sqlite_sequence WHERE name IN (SELECT name FROM ({old}))", values)  # noqa: S608
        execute(f"INSERT INTO main.sqlite_sequence (name, seq) {old}", values)

    def remove(self, tables: Tables) -> None:
        """Check what was written; the copy stays."""
        connection.check_constraints(list(tables))


@contextmanager
def open_sqlite_tables() -> Iterator[SqliteTables]:
    """Make a safe copy, and its tables readable.

    Without an upgrade the copy goes again.
    """
    version, copy = read_data_version(), make_copy_file()
    try:
        copy_database(copy)
        with attach(copy), connection.constraint_checks_disabled():
            yield SqliteTables(copy, version)
    except BaseException:
        copy.unlink()
        raise


def make_copy_file() -> Path:
    """Make an empty file beside the database, with its permissions."""
    file = Path(connection.settings_dict["NAME"])
    copy = file.with_name(f"{file.name}.before-upgrade-{timezone.now():%Y%m%d-%H%M%S}")
    copy.touch(exist_ok=False)
    shutil.copymode(file, copy)
    return copy


def copy_database(copy: Path) -> None:
    """Copy the database into one file, without any other beside it."""
    with connection.wrap_database_errors, closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def attach(copy: Path) -> Iterator[None]:
    """Make the tables of the copy readable in their schema."""
    execute(f"ATTACH DATABASE %s AS {SCHEMA}", [str(copy)])
    try:
        yield
    finally:
        execute(f"DETACH DATABASE {SCHEMA}")


def read_data_version() -> int:
    """Return a number that changes when another connection writes to the database."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA main.data_version")
        return int(cursor.fetchone()[0])


def execute(sql: str, parameters: list[Any] | None = None) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
