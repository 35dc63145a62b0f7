"""A job's text and audio in the admin.

Opening another's leaves an event for its owner to see.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone

from engine import render
from foundation.problems import ProblemError, problem_response
from jobs.audio_response import build_audio_response
from jobs.domain.feed import events
from jobs.domain.reading import queries
from jobs.errors import AudioMissing

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from accounts.models import User
    from jobs.models import Job

# Within this time all requests are one reading: a player fetches one recording in many ranges, and a page is reloaded.
SAME_READING = timedelta(minutes=10)


def show_text(page: ModelAdmin[Job], request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Show the text of the job `key` as far as it goes.

    Raises:
        Http404: there is no such job.
        PermissionDenied: the person may not see it.
    """
    job = open_job(page, request, key, "text")
    context = {
        **page.admin_site.each_context(request),
        "title": job.recording.title,
        "job": job,
        "paragraphs": render(queries.read_transcript(job), "txt").splitlines(),
        "opts": page.opts,
    }
    return TemplateResponse(request, "admin/jobs/text.html", context)


def play_audio(page: ModelAdmin[Job], request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Send the audio of the job `key`, whole or a range.

    Raises:
        Http404: there is no such job, or its audio is gone.
        PermissionDenied: the person may not see it.
    """
    job = open_job(page, request, key, "audio")
    try:
        return build_audio_response(request, job.recording)
    except AudioMissing as error:
        raise Http404(str(error)) from error
    except ProblemError as error:
        return problem_response(error.problem)


def open_job(page: ModelAdmin[Job], request: HttpRequest, key: UUID, what: Literal["text", "audio"]) -> Job:
    """Return the job `key`, after recording that its `what` was opened.

    Raises:
        Http404: there is no such job.
        PermissionDenied: the person may not see it.
    """
    job = page.get_object(request, str(key))
    if job is None:
        raise Http404
    if not page.has_view_permission(request, job):
        raise PermissionDenied
    record_access(job, cast("User", request.user), what)
    return job


def record_access(job: Job, reader: User, what: Literal["text", "audio"]) -> None:
    """Record that `reader` opened what is not theirs, once per reading."""
    if job.owner_id == reader.pk:
        return
    since = timezone.now() - SAME_READING
    noted = job.events.filter(kind=events.READ, actor=reader, reason__startswith=what, created_at__gte=since)
    if not noted.exists():
        events.record_reading(job, reader, what)
