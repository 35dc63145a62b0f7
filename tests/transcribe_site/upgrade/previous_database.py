"""Databases as the version before left them, on both stacks, and what there is to see in any database."""

import secrets
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.db import connection

from tests.databases import Server, connect

FOLDER = Path(__file__).with_name("previous_version")
# So many rows were deleted at the end of each table: ids that were given once.
DELETED_ROWS = 100
POSTGRESQL_SCHEMA = """
SELECT 'column', table_name, column_name, data_type, character_maximum_length::text, is_nullable, column_default,
    is_identity FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
UNION ALL SELECT 'index', schemaname, tablename, indexname, indexdef, '', '', '' FROM pg_indexes
    WHERE schemaname <> 'pg_catalog'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', ''
    FROM pg_constraint WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace
UNION ALL SELECT 'schema', nspname, '', '', '', '', '', '' FROM pg_namespace
"""
SQLITE_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"
COUNTERS = """
SELECT format('SELECT setval(%L, coalesce(max(%I), 0) + {0}) FROM %I', pg_get_serial_sequence(table_name, column_name),
    column_name, table_name) FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
"""


@contextmanager
def use_empty_database(stack, folder, blocker):
    """Use a database without any table."""
    if stack == "sqlite":
        with connect("", folder / "db.sqlite3", blocker):
            yield
        return
    server, name = Server.get(), f"test_{secrets.token_hex(6)}"
    try:
        with connect(server.create_database(name), folder, blocker):
            yield
    finally:
        server.drop_database(name)


@contextmanager
def use_previous_database(stack, folder, blocker):
    """Use a database with the tables and rows of the version before."""
    with use_empty_database(stack, folder, blocker):
        connection.ensure_connection()
        texts = [(FOLDER / f"{name}.sql").read_text(encoding="utf-8") for name in (stack, "rows")]
        (fill_sqlite if stack == "sqlite" else fill_postgresql)(*texts)
        yield


def fill_sqlite(tables, rows):
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        database.executescript(f"BEGIN; {tables} {rows} COMMIT;")
        database.execute("UPDATE sqlite_sequence SET seq = seq + ?", [DELETED_ROWS])
        database.commit()


def fill_postgresql(tables, rows):
    with psycopg.connect(build_url()) as database:
        database.execute(tables)
        database.execute(rows)
        for (statement,) in database.execute(COUNTERS.format(DELETED_ROWS)).fetchall():
            database.execute(statement)


def build_url():
    known = connection.settings_dict
    return Server.get().build_url(known["NAME"])


def read_schema():
    """Return all there is besides rows: tables, columns, types, indexes, constraints, schemas."""
    with connection.cursor() as cursor:
        cursor.execute(SQLITE_SCHEMA if connection.vendor == "sqlite" else POSTGRESQL_SCHEMA)
        return set(cursor.fetchall())


def read_rows():
    """Return the rows of every table, each as a dictionary, in the order of their ids."""
    with connection.cursor() as cursor:
        return {table: read_table(cursor, table) for table in connection.introspection.table_names(cursor)}


def read_table(cursor, table):
    cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 - a name
    names = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
