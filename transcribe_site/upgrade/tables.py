"""The tables of the database, and the names of their columns."""

from django.db import connection

Tables = dict[str, list[str]]
HISTORY = "django_migrations"


def list_own_tables() -> list[str]:
    """Return the tables of the program and of its libraries."""
    known = {*connection.introspection.django_table_names(), HISTORY}
    return sorted(known.intersection(connection.introspection.table_names()))


def read_tables() -> Tables:
    """Return the columns of all own tables."""
    return {table: list_columns(table) for table in list_own_tables()}


def list_columns(table: str) -> list[str]:
    """Return the names of the columns of a table."""
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def quote(name: str) -> str:
    """Return a name as it stands in SQL."""
    return connection.ops.quote_name(name)
