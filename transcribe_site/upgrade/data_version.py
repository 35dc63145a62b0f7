"""Which version of the program a database was made by."""

from collections.abc import Iterator
from enum import Enum

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from transcribe_site.upgrade.changes import PREVIOUS_MIGRATIONS
from transcribe_site.upgrade.tables import read_tables

APPS = {app for app, _name in PREVIOUS_MIGRATIONS}


class DataVersion(Enum):
    """Where a database stands, as seen from this version."""

    EMPTY = "empty"
    OLDER = "older"
    PREVIOUS = "previous"
    CURRENT = "current"
    UNKNOWN = "unknown"


def recognise_version() -> DataVersion:
    """Return which version made the database, by its migrations and its columns."""
    applied = choose_own(set(MigrationRecorder(connection).applied_migrations()))
    if not applied:
        return DataVersion.EMPTY
    if applied == PREVIOUS_MIGRATIONS:
        return DataVersion.PREVIOUS
    if applied == choose_own(set(MigrationLoader(None).disk_migrations)):
        return DataVersion.CURRENT if has_own_columns() else DataVersion.UNKNOWN
    return DataVersion.OLDER if applied < PREVIOUS_MIGRATIONS else DataVersion.UNKNOWN


def choose_own(migrations: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those migrations that belong to our apps."""
    return {key for key in migrations if key[0] in APPS}


def has_own_columns() -> bool:
    """Whether our tables have just the columns that this version knows."""
    found = {table: set(columns) for table, columns in read_tables().items()}
    return all(found.get(table) == columns for table, columns in list_expected_columns())


def list_expected_columns() -> Iterator[tuple[str, set[str]]]:
    """Yield each of our tables with the columns of its model."""
    for app in sorted(APPS):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            known = model._meta  # noqa: SLF001 - Django's documented way to ask a model
            yield known.db_table, {str(field.column) for field in known.concrete_fields}
