"""The list of recordings, and what a person does with one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.domain import control, queries
from jobs.domain.submit import submit_recording
from jobs.errors import JobError
from jobs.throttles import refuse_excess
from jobs.web.access import find_recording, get_person, go_back, hide_missing
from jobs.web.paging import parse_place, take_page
from jobs.web.uploads import describe_refusal, read_language


@login_required
@require_safe
def list_recordings(request: HttpRequest) -> HttpResponse:
    """Show a page of the person's recordings, each with its jobs, newest first."""
    place = parse_place(request.GET.get("before", ""))
    recordings, older = take_page(queries.recordings_with_jobs(get_person(request)), place)
    context = {"recordings": recordings, "older": older, "is_first": place is None, "here": "recordings"}
    return render(request, "jobs/recordings.html", context)


@login_required
@require_POST
@hide_missing
def rename_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a recording another title and go back."""
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
    """Say what will be gone; a POST deletes it."""
    recording = find_recording(request, pk)
    if request.method != "POST":
        count = recording.jobs.count()
        return render(request, "jobs/recording_delete.html", {"recording": recording, "count": count, "here": ""})
    control.delete_recording(recording)
    messages.success(request, f"“{recording.title}” was deleted.")
    return go_back(request, "recordings")
