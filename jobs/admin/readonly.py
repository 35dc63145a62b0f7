"""The base of all admin pages: read only and quick.

They stay so with a million rows.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

COUNT_LIMIT = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for mypy alone
    """Counts no further than COUNT_LIMIT rows.

    Rows beyond are found by filters and search.
    """

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:COUNT_LIMIT].count()


class ReadOnlyMixin:
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signatures
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - the same
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - the same
        return False


class InspectionAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Base of the pages that inspect the program's own tables.

    A whole id in the search box finds its row.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-created_at", "-id")

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
