"""Pages of rows by cursor.

The last page costs as little as the first, and rows do not shift between pages.
"""

from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 20
# Columns that order rows, the last of them an id; times are read back from addresses as such.
NEWEST = ("-created_at", "-id")
LAST_DISMISSED = ("-dismissed_at", "created_at", "id")

Cursor = tuple[datetime | UUID, ...]
Row = TypeVar("Row", bound=Model)


def take_page(
    rows: QuerySet[Row], cursor: Cursor | None, columns: tuple[str, ...] = NEWEST, size: int | None = None
) -> tuple[list[Row], str]:
    """Return `size` rows beyond `cursor`, and the cursor of the next page.

    Rows are in the order of `columns`. The next cursor is empty on the last page.
    """
    size = size or PAGE_SIZE
    if cursor is not None:
        rows = rows.filter(is_beyond(cursor, columns))
    found = list(rows.order_by(*columns)[: size + 1])
    page = found[:size]
    return page, encode_cursor(page[-1], columns) if len(found) > size else ""


def is_beyond(cursor: Cursor, columns: tuple[str, ...]) -> Q:
    """Return the condition of the rows after `cursor`, ordered by `columns`."""
    *firsts, last = [compare_column(column, value) for column, value in zip(columns, cursor, strict=True)]
    condition = last[0]
    for beyond, same in reversed(firsts):
        condition = beyond | (same & condition)
    name = columns[0].lstrip("-")
    side = "lte" if columns[0].startswith("-") else "gte"
    # Implied by the rest; with it an index begins at the cursor.
    return Q((f"{name}__{side}", cursor[0])) & condition


def compare_column(column: str, value: datetime | UUID) -> tuple[Q, Q]:
    """Return two conditions: beyond a value, and equal to it."""
    name, side = (column[1:], "lt") if column.startswith("-") else (column, "gt")
    return Q((f"{name}__{side}", value)), Q((name, value))


def encode_cursor(row: Any, columns: tuple[str, ...] = NEWEST) -> str:
    """Return the cursor of a row, as addresses have it."""
    values = (getattr(row, column.lstrip("-")) for column in columns)
    return "_".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)


def decode_cursor(text: str, columns: tuple[str, ...] = NEWEST) -> Cursor | None:
    """Return the cursor in an address, None for a malformed one.

    None is the beginning.
    """
    *moments, pk = text.split("_")
    try:
        # The change to UTC fails in some time zones on the calendar's first and last day.
        times = [datetime.fromisoformat(moment) for moment in moments]
        cursor: Cursor = (*(moment.astimezone(UTC) for moment in times), UUID(pk))
    except (ValueError, OverflowError):
        return None
    return cursor if len(cursor) == len(columns) and all(moment.tzinfo for moment in times) else None
