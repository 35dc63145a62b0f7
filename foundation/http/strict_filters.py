"""Filters that refuse what they do not understand, where django-filter's own show everything instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError as FormError
from django_filters import rest_framework as filters
from django_filters.widgets import BooleanWidget
from rest_framework.exceptions import ValidationError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.generics import GenericAPIView
    from rest_framework.request import Request

BOOLEANS = {None: None, "": None, "true": True, "1": True, "false": False, "0": False}


class StrictFilterBackend(filters.DjangoFilterBackend):  # type: ignore[misc]  # django-filter has no types
    """Refuses a list that is to be filtered by what it knows nothing of, instead of showing everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: GenericAPIView[Any]) -> QuerySet[Any]:
        """Return what is asked for. Raises ValidationError for an unknown filter."""
        if getattr(view, "action", "") == "list":
            pages = view.paginator.get_schema_operation_parameters(view) if view.paginator else []
            known = {"format", *(page["name"] for page in pages), *self.list_filters(view, queryset)}
            known |= set(getattr(view, "own_parameters", ()))
            unknown = {name: ["There is no such filter."] for name in request.query_params if name not in known}
            if unknown:
                raise ValidationError(unknown)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def list_filters(self, view: GenericAPIView[Any], queryset: QuerySet[Any]) -> list[str]:
        """Return what a view can be filtered by."""
        filterset = self.get_filterset_class(view, queryset)
        return list(filterset.base_filters) if filterset else []


class StrictBooleanWidget(BooleanWidget):  # type: ignore[misc]  # the same
    """A choice of true and false that hands on what was sent; the original takes anything else for no choice."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 - Django's signature
        return data.get(name)


class StrictBooleanField(forms.NullBooleanField):
    """True, false, or nothing."""

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]  # what NullBooleanField does
        """Return what `value` says. Raises ValidationError."""
        text = value.lower() if isinstance(value, str) else value
        if text not in BOOLEANS:
            raise FormError("Say true or false.", code="invalid")
        return BOOLEANS[text]


class StrictBooleanFilter(filters.BooleanFilter):  # type: ignore[misc]  # the same
    """Filters by true or false, and refuses anything else."""

    field_class = StrictBooleanField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=StrictBooleanWidget, **options)
