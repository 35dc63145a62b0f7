"""Recordings in the admin: to inspect, and to delete through the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from jobs.admin.display import NOTHING, render_age
from jobs.admin.readonly import InspectionAdmin
from jobs.domain.base.notes import list_notes
from jobs.domain.lifecycle import control
from jobs.models import Job, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Recording)
class RecordingAdmin(InspectionAdmin):
    """Inspects recordings.

    Their audio is opened from a job, where that leaves an event.
    """

    list_display = ("title", "owner", "length", "size", "source", "state", "age")
    list_filter = ("source", "state", "created_at")
    search_fields = ("title", "owner__username")
    search_help_text = "Title, owner, or a whole id."
    fields = readonly_fields = (
        "title",
        "owner",
        "original_name",
        "media_type",
        "length",
        "size",
        "sha256",
        "source",
        "state",
        "noticed",
        "created_at",
        "transcriptions",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        recordings: QuerySet[Recording] = super().get_queryset(request)
        return recordings.select_related("owner").defer("peaks")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return request.user.has_perm("jobs.delete_recording")

    def get_deleted_objects(
        self,
        objs: Iterable[Recording],
        request: HttpRequest,  # noqa: ARG002 - Django's signature
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what would be deleted in a few lines.

        Django's own list would name each segment of each text.
        """
        recordings = list(objs)
        jobs = Job.objects.filter(recording__in=recordings).count()
        counts = {"recordings": len(recordings), "jobs, with their text": jobs}
        return [recording.title for recording in recordings], counts, set(), []

    def delete_model(self, request: HttpRequest, obj: Recording) -> None:  # noqa: ARG002 - Django's signature
        control.delete_recording(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Recording]) -> None:  # noqa: ARG002 - the same
        for recording in queryset:
            control.delete_recording(recording)

    @admin.display(ordering="seconds")
    def length(self, recording: Recording) -> str:
        return NOTHING if recording.seconds is None else f"{recording.seconds / 60:.1f} min"

    @admin.display(ordering="bytes")
    def size(self, recording: Recording) -> str:
        return filesizeformat(recording.bytes)

    @admin.display(ordering="created_at")
    def age(self, recording: Recording) -> str:
        return render_age(recording.created_at)

    @admin.display(description="noticed while recording")
    def noticed(self, recording: Recording) -> str:
        lines = ((f"{note.start:.0f} s:", note.text) for note in list_notes(recording))
        return format_html_join(mark_safe("<br>"), "{} {}", lines) or NOTHING

    @admin.display(description="jobs")
    def transcriptions(self, recording: Recording) -> str:
        address = f"{reverse('admin:jobs_job_changelist')}?recording__id__exact={recording.pk}"
        return format_html('<a href="{}">Jobs of this recording</a>', address)
