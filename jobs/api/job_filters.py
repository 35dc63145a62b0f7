"""The filters of the lists of jobs."""

from __future__ import annotations

from typing import get_args

from django_filters import rest_framework as filters

from analysis import SentimentLabel
from foundation.http.strict_filters import StrictBooleanFilter
from jobs.models import Job, JobQuerySet
from jobs.states import JobState

SENTIMENT_CHOICES = [(label, label.capitalize()) for label in get_args(SentimentLabel)]


class FailedJobFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows failed jobs down to one kind."""

    error_code = filters.CharFilter(field_name="error_code")

    class Meta:
        model = Job
        fields = ("error_code",)


class JobFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows jobs down by state, findings and recording.

    The findings are sentiment, category, language and the need for a review.
    """

    state = filters.ChoiceFilter(choices=JobState.choices)
    sentiment = filters.ChoiceFilter(field_name="transcript__sentiment", choices=SENTIMENT_CHOICES)
    category = filters.CharFilter(field_name="transcript__category")
    language = filters.CharFilter(field_name="transcript__language")
    recording = filters.UUIDFilter(field_name="recording")
    needs_review = StrictBooleanFilter(method="filter_review")

    class Meta:
        model = Job
        fields = ("state", "sentiment", "category", "language", "recording", "needs_review")

    def filter_review(self, jobs: JobQuerySet, _name: str, wanted: bool) -> JobQuerySet:
        return jobs.for_review() if wanted else jobs.filter(needs_review=False)
