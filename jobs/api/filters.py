"""What the list of jobs can be filtered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from django import forms
from django.core.exceptions import ValidationError as FormError
from django_filters import rest_framework as filters
from django_filters.widgets import BooleanWidget
from rest_framework.exceptions import ValidationError

from analysis import SentimentLabel
from jobs.domain import queries
from jobs.models import Job
from jobs.states import JobState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.generics import GenericAPIView
    from rest_framework.request import Request

SENTIMENT_CHOICES = [(label, label.capitalize()) for label in get_args(SentimentLabel)]


TRUTH = {None: None, "": None, "true": True, "1": True, "false": False, "0": False}


class KnownFilters(filters.DjangoFilterBackend):  # type: ignore[misc]  # django-filter has no types
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


class TruthWidget(BooleanWidget):  # type: ignore[misc]  # the same
    """A choice of true and false that hands on what was sent; the original takes anything else for no choice."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 - Django's signature
        return data.get(name)


class TruthField(forms.NullBooleanField):
    """True, false, or nothing."""

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]  # what NullBooleanField does
        """Return what `value` says. Raises ValidationError."""
        text = value.lower() if isinstance(value, str) else value
        if text not in TRUTH:
            raise FormError("Say true or false.", code="invalid")
        return TRUTH[text]


class TruthFilter(filters.BooleanFilter):  # type: ignore[misc]  # the same
    """Filters by true or false, and refuses anything else."""

    field_class = TruthField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=TruthWidget, **options)


class FailedJobFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows failed jobs down to one kind."""

    error_code = filters.CharFilter(field_name="error_code")

    class Meta:
        model = Job
        fields = ("error_code",)


class JobFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows jobs down by state, by what was found in the text, by recording, and by whether it needs a review."""

    state = filters.ChoiceFilter(choices=JobState.choices)
    sentiment = filters.ChoiceFilter(field_name="transcript__sentiment", choices=SENTIMENT_CHOICES)
    category = filters.CharFilter(field_name="transcript__category")
    language = filters.CharFilter(field_name="transcript__language")
    recording = filters.UUIDFilter(field_name="recording")
    needs_review = TruthFilter(method="filter_review")

    class Meta:
        model = Job
        fields = ("state", "sentiment", "category", "language", "recording", "needs_review")

    def filter_review(self, jobs: QuerySet[Job], _name: str, wanted: bool) -> QuerySet[Job]:
        return jobs.filter(queries.NEEDS_REVIEW) if wanted else jobs.filter(needs_review=False)
