"""Writes the SQL that copies rows from old tables into new ones."""

from collections.abc import Mapping
from typing import NamedTuple

from transcribe_site.upgrade.changes import Changes, Column
from transcribe_site.upgrade.tables import Tables, quote


class UnknownColumns(Exception):
    """There are columns that no change speaks of; the message names them."""

    def __init__(self, columns: set[Column]) -> None:
        super().__init__(", ".join(sorted(f"{table}.{column}" for table, column in columns)))


class Statement(NamedTuple):
    """SQL and its parameters."""

    sql: str
    parameters: list[str]


def build_copies(old: Tables, new: Tables, changes: Changes, schema: str) -> list[Statement]:
    """Return the statements that fill `new` tables from `old` ones in `schema`.

    Raises:
        UnknownColumns: rows would lose something, or lack something.
    """
    kept = {table: columns for table, columns in old.items() if table not in changes.emptied_tables}
    filled = {table: columns for table, columns in new.items() if changes.get_source(table) in kept}
    if unknown := find_lost(kept, filled, changes) | find_lacking(kept, filled, changes):
        raise UnknownColumns(unknown)
    return [build_copy(table, columns, changes, schema) for table, columns in filled.items()]


def find_lost(old: Tables, new: Tables, changes: Changes) -> set[Column]:
    """Return the old columns that nothing new is filled from."""
    read = {changes.get_old_column(table, column) for table, columns in new.items() for column in columns}
    return {(table, column) for table, columns in old.items() for column in columns} - read - changes.dropped_columns


def find_lacking(old: Tables, new: Tables, changes: Changes) -> set[Column]:
    """Return the new columns that nothing old fills."""
    wanted = {(table, column) for table, columns in new.items() for column in columns} - set(changes.computed_columns)
    return {key for key in wanted if changes.get_old_column(*key)[1] not in old[changes.get_source(key[0])]}


def build_copy(table: str, columns: list[str], changes: Changes, schema: str) -> Statement:
    """Return the statement that fills one table."""
    values = [build_value(table, column, changes) for column in columns]
    names, texts = ", ".join(map(quote, columns)), ", ".join(value.sql for value in values)
    source = f"{schema}.{quote(changes.get_source(table))}"
    # All names are those of tables and columns; values are parameters.
    sql = f"INSERT INTO {quote(table)} ({names}) SELECT {texts} FROM {source}"  # noqa: S608
    return Statement(sql, [word for value in values for word in value.parameters])


def build_value(table: str, column: str, changes: Changes) -> Statement:
    """Return the SQL of one column over the old row."""
    if sql := changes.computed_columns.get((table, column)):
        return Statement(sql, [])
    old = quote(changes.get_old_column(table, column)[1])
    return build_case(old, changes.renamed_values.get((table, column), {}))


def build_case(value: str, renamed: Mapping[str, str]) -> Statement:
    """Return SQL for a value, or for its new name."""
    if not renamed:
        return Statement(value, [])
    cases = "WHEN %s THEN %s " * len(renamed)
    return Statement(f"CASE {value} {cases}ELSE {value} END", [word for pair in renamed.items() for word in pair])
