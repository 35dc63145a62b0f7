"""What the list of jobs can be filtered by."""

from django_filters import rest_framework as filters

from jobs.models import Job
from jobs.states import JobState


class JobFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows jobs down by state, by what was found in the text, and by recording."""

    state = filters.ChoiceFilter(choices=JobState.choices)
    category = filters.CharFilter(field_name="transcript__category")
    language = filters.CharFilter(field_name="transcript__language")
    recording = filters.UUIDFilter(field_name="recording")

    class Meta:
        model = Job
        fields = ("state", "category", "language", "recording")
