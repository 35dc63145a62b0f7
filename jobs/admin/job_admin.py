"""Jobs in the admin with their state and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from jobs.admin.actions import JobActions
from jobs.admin.display import (
    NOTHING,
    render_age,
    render_category_reason,
    render_chip,
    render_flags,
    render_moment,
    render_progress,
    render_state,
)
from jobs.admin.failure_kinds import show_kinds
from jobs.admin.job_contents import play_audio, show_text
from jobs.admin.list_filters import CategoryFilter, DismissedFilter, EngineFilter, ErrorFilter, SentimentFilter
from jobs.admin.readonly import InspectionAdmin
from jobs.domain.base.reasons import describe_code
from jobs.domain.reading import failures, queries
from jobs.models import Chunk, Job
from jobs.states import JobState, StepState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern

# A day of audio has about 1500 chunks; further ones are left out, as they would only make the page heavy.
MOST_CHUNKS = 1500
MOST_EVENTS = 200
DETAILS = ("chip", "title", "owner", "stage", "percent", "attempts", "engine", "options", "reused_from", "warning")
TROUBLE = ("reason", "error", "last_error", "open")
FINDINGS = ("language", "confidence", "category", "sentiment", "needs_review", "coverage", "flags", "review_spot_count")
TIMES = ("created", "started", "finished", "dismissed")


@admin.register(Job)
class JobAdmin(JobActions, InspectionAdmin):
    """Inspects jobs.

    Text and audio stay behind links that leave an event when another's are opened.
    """

    list_display = ("title", "state_and_reason", "percent", "age", "owner", "category", "engine")
    list_filter = (
        "state",
        "needs_review",
        DismissedFilter,
        ErrorFilter,
        CategoryFilter,
        SentimentFilter,
        EngineFilter,
        "created_at",
    )
    search_fields = ("recording__title", "owner__username")
    search_help_text = "Title, owner, or a whole id."
    fields = readonly_fields = (*DETAILS, *TROUBLE, *FINDINGS, *TIMES, "chunks", "events")

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
        own.append(path("failed/", self.admin_site.admin_view(self.show_kinds), name="jobs_job_failed"))
        return [*own, *super().get_urls()]

    def show_kinds(self, request: HttpRequest) -> Any:
        """Show the numbers of all people's failed jobs by reason."""
        return show_kinds(self, request)

    def show_text(self, request: HttpRequest, key: Any) -> Any:
        return show_text(self, request, key)

    def play_audio(self, request: HttpRequest, key: Any) -> Any:
        return play_audio(self, request, key)

    @admin.display(ordering="recording__title")
    def title(self, job: Job) -> str:
        return job.recording.title

    @admin.display(description="state", ordering="state")
    def chip(self, job: Job) -> str:
        return render_chip(JobState(job.state))

    @admin.display(description="state", ordering="state")
    def state_and_reason(self, job: Job) -> str:
        """Return the state of a job with the reason of a failure.

        A column for each would push others out. The number of runs is there too.
        """
        return render_state(job, describe_code(job.error_code) if job.error_code else "")

    @admin.display(description="progress")
    def percent(self, job: Job) -> str:
        return render_progress(job.progress)

    @admin.display(ordering="created_at")
    def age(self, job: Job) -> str:
        return render_age(job.created_at)

    @admin.display(ordering="transcript__category")
    def category(self, job: Job) -> str:
        reason = show_finding(job, "category_reason")
        return show_finding(job, "category") or (render_category_reason(reason) if reason else NOTHING)

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
    def coverage(self, job: Job) -> str:
        return show_finding(job, "coverage") or NOTHING

    @admin.display()
    def flags(self, job: Job) -> str:
        return render_flags(job) or NOTHING

    @admin.display()
    def review_spot_count(self, job: Job) -> str:
        return str(show_finding(job, "review_spot_count")) or NOTHING

    @admin.display(ordering="error_code")
    def reason(self, job: Job) -> str:
        return describe_code(job.error_code) if job.error_code else NOTHING

    @admin.display()
    def error(self, job: Job) -> str:
        return f"{job.error_code}: {job.error_message}" if job.error_code else NOTHING

    @admin.display()
    def last_error(self, job: Job) -> str:
        """Return the last error whole.

        The people who see this run the server.
        """
        return failures.find_last_detail(job) or NOTHING

    @admin.display()
    def created(self, job: Job) -> str:
        return render_moment(job.created_at)

    @admin.display()
    def started(self, job: Job) -> str:
        return render_moment(job.started_at)

    @admin.display()
    def finished(self, job: Job) -> str:
        return render_moment(job.finished_at)

    @admin.display()
    def dismissed(self, job: Job) -> str:
        return render_moment(job.dismissed_at)

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
    """Return one finding about the text, or "".

    Numbers have two decimals.
    """
    value = getattr(getattr(job, "transcript", None), name, None)
    return f"{value:.2f}" if isinstance(value, float) else value or ""
