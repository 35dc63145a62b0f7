"""The filters of the list of jobs.

Their choices are known or cheap, never a look through a whole table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from django.conf import settings
from django.contrib import admin
from django.db.models import Q

from analysis import UNCATEGORISED, SentimentLabel
from jobs.domain.base.reasons import ADVICE
from jobs.domain.steps.finish_step import load_categories
from jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from jobs.models import JobQuerySet

RECENT_JOBS = 1000


class ColumnFilter(admin.SimpleListFilter):
    """Filters the column `parameter_name` by a chosen value."""

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        model_admin: ModelAdmin[Any],  # noqa: ARG002 - the same
    ) -> list[tuple[str, str]]:
        return [(choice, choice) for choice in self.list_choices()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - the same
        chosen = self.value()
        return queryset.filter(Q((str(self.parameter_name), chosen))) if chosen else queryset

    def list_choices(self) -> Iterable[str]:
        """Return the values to choose from."""
        raise NotImplementedError


class CategoryFilter(ColumnFilter):
    """By the categories of the settings.

    A former category is found by the address.
    """

    title = "category"
    parameter_name = "transcript__category"

    def list_choices(self) -> Iterable[str]:
        return (*load_categories(settings.CATEGORIES_FILE), UNCATEGORISED)


class SentimentFilter(ColumnFilter):
    """By the sentiment of the text."""

    title = "sentiment"
    parameter_name = "transcript__sentiment"

    def list_choices(self) -> Iterable[str]:
        return get_args(SentimentLabel)


class EngineFilter(ColumnFilter):
    """By the engines that did the newest jobs."""

    title = "engine"
    parameter_name = "engine"

    def list_choices(self) -> Iterable[str]:
        newest = Job.objects.order_by("-created_at", "-id").values_list("engine", flat=True)[:RECENT_JOBS]
        return sorted({engine for engine in newest if engine})


class DismissedFilter(admin.SimpleListFilter):
    """By whether a failed job was dismissed by its owner."""

    title = "dismissed"
    parameter_name = "dismissed"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        model_admin: ModelAdmin[Any],  # noqa: ARG002 - the same
    ) -> list[tuple[str, str]]:
        return [("no", "Failed, not dismissed"), ("yes", "Dismissed")]

    def queryset(self, request: HttpRequest, queryset: Any) -> JobQuerySet:  # noqa: ARG002 - the same
        jobs: JobQuerySet = queryset
        if self.value() not in ("no", "yes"):
            return jobs
        return jobs.dead() if self.value() == "no" else jobs.dismissed()


class ErrorFilter(ColumnFilter):
    """By the code of the error that a job failed with."""

    title = "error"
    parameter_name = "error_code"

    def list_choices(self) -> Iterable[str]:
        return sorted(ADVICE)
