"""The list of recordings and the changes to one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sign_ins import get_person
from foundation.http.conditional_fragments import answer_fragment
from foundation.http.cursors import decode_cursor, take_page
from jobs.domain.intake.submit import submit_recording
from jobs.domain.lifecycle import control
from jobs.domain.reading import queries
from jobs.errors import JobError
from jobs.submit_throttle import refuse_excess
from jobs.web.access import find_recording, go_back, hide_missing, require_person
from jobs.web.upload_form import describe_refusal, read_language


@login_required
@require_safe
def list_recordings(request: HttpRequest) -> HttpResponse:
    """Show a page of the person's recordings, newest first.

    Each has its jobs.
    """
    return render(request, "jobs/recordings.html", {**build_recordings_fragment(request), "here": "recordings"})


@require_safe
@require_person
def show_recordings_fragment(request: HttpRequest) -> HttpResponse:
    """Answer with the fragment of the list that changes by itself."""
    return answer_fragment(request, "jobs/_recording_list.html", build_recordings_fragment(request))


def build_recordings_fragment(request: HttpRequest) -> dict[str, Any]:
    """Return the context of `jobs/_recording_list.html`."""
    cursor = decode_cursor(request.GET.get("before", ""))
    recordings, older = take_page(queries.recordings_with_jobs(get_person(request)), cursor)
    jobs = [job for recording in recordings for job in recording.jobs.all()]
    shown = [f"{recording.pk} {recording.title} {recording.seconds} {recording.bytes}" for recording in recordings]
    failed = queries.count_failed(get_person(request))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return {
        "recordings": recordings,
        "older": older,
        "is_first": cursor is None,
        "is_active": any(job.is_active for job in jobs),
        "failed": failed,
        "query": query,
        # The page to which forms lead back, also from the fragment.
        "address": reverse("recordings") + query,
        "etag": queries.hash_lines(
            [*shown, *(f"{job.pk} {job.updated_at.isoformat()}" for job in jobs), older, str(failed)]
        ),
    }


@login_required
@require_POST
@hide_missing
def rename_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename a recording and go back."""
    recording = find_recording(request, pk)
    control.rename_recording(recording, request.POST.get("title", ""))
    return go_back(request, "recordings")


@login_required
@require_POST
@hide_missing
def transcribe_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make another job of a recording and go to it."""
    recording = find_recording(request, pk)
    if refused := refuse_excess(request):
        return refused
    try:
        job = submit_recording(recording, actor=get_person(request), language=read_language(request))
    except (JobError, ValidationError) as error:
        messages.error(request, describe_refusal(error))
        return go_back(request, "recordings")
    return redirect("job", job.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@hide_missing
def delete_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a deletion removes; a POST deletes it."""
    recording = find_recording(request, pk)
    if request.method != "POST":
        count = recording.jobs.count()
        return render(request, "jobs/recording_delete.html", {"recording": recording, "count": count, "here": ""})
    control.delete_recording(recording)
    messages.success(request, f"“{recording.title}” was deleted.")
    return go_back(request, "recordings")
