"""Jobs in the admin: how they stand, what happened to them, and actions that go through the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from jobs.admin.display import NOTHING, render_age, render_chip, render_progress
from jobs.admin.filters import CategoryFilter, EngineFilter, SentimentFilter
from jobs.admin.reading import play_audio, show_text
from jobs.admin.readonly import InspectionAdmin
from jobs.domain import control, queries
from jobs.errors import JobError
from jobs.models import Chunk, Job
from jobs.states import JobState, StepState

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern

    from accounts.models import User

# A day of audio has about 1500 chunks; more would make the page heavy and nobody wiser.
MOST_CHUNKS = 1500
MOST_EVENTS = 200
DETAILS = ("chip", "title", "owner", "stage", "percent", "attempts", "engine", "options", "reused_from", "warning")
LEADS = ("error", "open")
FINDINGS = ("language", "confidence", "category", "sentiment")
TIMES = ("created_at", "started_at", "finished_at")


@admin.register(Job)
class JobAdmin(InspectionAdmin):
    """Inspects jobs; their text and audio stay behind links that leave an event when another's are opened."""

    list_display = ("title", "chip", "percent", "age", "owner", "category", "engine")
    list_filter = ("state", CategoryFilter, SentimentFilter, EngineFilter, "created_at")
    search_fields = ("recording__title", "owner__username")
    search_help_text = "Title, owner, or a whole id."
    actions = ("cancel_jobs", "retry_jobs")
    fields = readonly_fields = (*DETAILS, *LEADS, *FINDINGS, *TIMES, "chunks", "events")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        jobs: QuerySet[Job] = super().get_queryset(request)
        return jobs.select_related("recording", "owner", "transcript").defer(
            "recording__peaks", "transcript__text", "transcript__preview"
        )

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<uuid:key>/text/", self.admin_site.admin_view(self.show_text), name="jobs_job_text"),
            path("<uuid:key>/audio/", self.admin_site.admin_view(self.play_audio), name="jobs_job_audio"),
        ]
        return [*own, *super().get_urls()]

    def show_text(self, request: HttpRequest, key: Any) -> Any:
        """Show the text of a job."""
        return show_text(self, request, key)

    def play_audio(self, request: HttpRequest, key: Any) -> Any:
        """Send the audio of a job."""
        return play_audio(self, request, key)

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Whether the person may cancel and retry jobs."""
        return request.user.has_perm("jobs.change_job")

    @admin.action(description="Cancel selected jobs", permissions=["control"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Cancel each job that has not ended."""
        self.change_jobs(request, queryset, control.cancel_job, "cancelled")

    @admin.action(description="Retry selected jobs", permissions=["control"])
    def retry_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Start each failed or cancelled job again."""
        self.change_jobs(request, queryset, control.retry_job, "started again")

    def change_jobs(
        self, request: HttpRequest, jobs: QuerySet[Job], change: Callable[[Job, User], Job], done: str
    ) -> None:
        """Do the same to each job, and say of each one that refuses why it does."""
        changed = 0
        for job in jobs:
            try:
                change(job, cast("User", request.user))
            except JobError as error:
                self.message_user(request, f"{job.recording.title} ({job.pk}): {error}", messages.WARNING)
            except Job.DoesNotExist:
                self.message_user(request, f"{job.recording.title} ({job.pk}) was just deleted.", messages.WARNING)
            else:
                changed += 1
        if changed:
            self.message_user(request, f"{changed} job{'s' if changed > 1 else ''} {done}.", messages.SUCCESS)

    @admin.display(ordering="recording__title")
    def title(self, job: Job) -> str:
        return job.recording.title

    @admin.display(description="state", ordering="state")
    def chip(self, job: Job) -> str:
        return render_chip(JobState(job.state))

    @admin.display(description="progress")
    def percent(self, job: Job) -> str:
        return render_progress(job.progress)

    @admin.display(ordering="created_at")
    def age(self, job: Job) -> str:
        return render_age(job.created_at)

    @admin.display(ordering="transcript__category")
    def category(self, job: Job) -> str:
        return show_finding(job, "category") or show_finding(job, "category_reason") or NOTHING

    @admin.display()
    def language(self, job: Job) -> str:
        return show_finding(job, "language") or NOTHING

    @admin.display()
    def confidence(self, job: Job) -> str:
        return show_finding(job, "confidence") or NOTHING

    @admin.display()
    def sentiment(self, job: Job) -> str:
        return show_finding(job, "sentiment") or NOTHING

    @admin.display()
    def error(self, job: Job) -> str:
        return f"{job.error_code}: {job.error_message}" if job.error_code else NOTHING

    @admin.display(description="content")
    def open(self, job: Job) -> str:
        links = (
            (reverse("admin:jobs_job_text", args=[job.pk]), "Open the text"),
            (reverse("admin:jobs_job_audio", args=[job.pk]), "Open the audio"),
        )
        note = "It is noted when you open what is not yours."
        return format_html("{} {}", format_html_join(" · ", '<a href="{}">{}</a>', links), note)

    @admin.display()
    def chunks(self, job: Job) -> str:
        rows = Chunk.objects.filter(job=job).order_by("index")
        counts = rows.aggregate(all=Count("pk"), done=Count("pk", filter=Q(state=StepState.DONE)))
        shown = [(chunk, render_chip(StepState(chunk.state))) for chunk in rows.defer("speech")[:MOST_CHUNKS]]
        return render_to_string("admin/jobs/_chunks.html", {"chunks": shown, "counts": counts})

    @admin.display()
    def events(self, job: Job) -> str:
        newest = queries.list_events(job).order_by("-id")[: MOST_EVENTS + 1]
        shown = [(event, render_chip(JobState(event.state))) for event in newest]
        context = {"events": shown[:MOST_EVENTS], "more": len(shown) > MOST_EVENTS}
        return render_to_string("admin/jobs/_events.html", context)


def show_finding(job: Job, name: str) -> str:
    """Return what was found out about the text, empty where nothing was; numbers with two decimals."""
    value = getattr(getattr(job, "transcript", None), name, None)
    return f"{value:.2f}" if isinstance(value, float) else value or ""
