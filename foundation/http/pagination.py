"""Cursor pages: they stay right while rows arrive, and a far page costs no more than the first."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView


class NewestFirstPagination(CursorPagination):
    """Pages by time of creation, newest first unless `ordering=created_at`; ids settle ties."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    orderings = {"": ("-created_at", "-id"), "-created_at": ("-created_at", "-id"), "created_at": ("created_at", "id")}

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:  # noqa: ARG002
        """Return the columns to order by. Raises ValidationError for an unknown `ordering`."""
        wanted = request.query_params.get("ordering", "")
        if wanted not in self.orderings:
            raise ValidationError({"ordering": ["Order by created_at or -created_at."]})
        return self.orderings[wanted]

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor. Raises NotFound for one that was not made here."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not self.is_position(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def is_position(self, text: str) -> bool:
        """Tell whether a cursor's position is a time; otherwise the database would be asked for nonsense."""
        try:
            moment = parse_datetime(text)
            if moment is None or moment.tzinfo is None:
                return False
            moment.astimezone(UTC)  # which fails in some time zones on the calendar's first and last day
        except (ValueError, OverflowError):
            return False
        return True

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        ordering = {
            "name": "ordering",
            "in": "query",
            "required": False,
            "description": "Oldest first with created_at.",
            "schema": {"type": "string", "enum": ["created_at", "-created_at"]},
        }
        return [*super().get_schema_operation_parameters(view), ordering]


class EventPagination(NewestFirstPagination):
    """Pages of a job's events, in the order in which they happened."""

    page_size = 100

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:  # noqa: ARG002
        return ("id",)

    def is_position(self, text: str) -> bool:
        """Tell whether a cursor's position is an id."""
        return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - digits of a 64-bit number

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return CursorPagination.get_schema_operation_parameters(self, view)
