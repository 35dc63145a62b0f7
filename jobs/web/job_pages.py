"""The page of one job, its forms and its downloads.

The forms work without JavaScript.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.sign_ins import get_person
from engine import LANGUAGE_UNCERTAIN
from jobs.domain.base import engines, storage
from jobs.domain.lifecycle import control
from jobs.domain.reading import failures, job_log, queries, review
from jobs.errors import JobError, UnknownFormat
from jobs.models import Job, Segment
from jobs.states import JobState
from jobs.submit_throttle import refuse_excess
from jobs.transcript_response import build_transcript_response
from jobs.web.access import answer_job_error, find_job, go_back, hide_missing
from jobs.web.card_list import add_space_warning

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User

# Longer ids are ignored: fewer digits than the 19 of the largest 64-bit number fit the database.
ID_DIGITS = 18


@login_required
@require_safe
def show_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a job with its text and player.

    State and history are there too.
    """
    job = find_job(request, pk)
    return render(request, "jobs/job.html", {**build_live_fragment(job, after=0), "here": ""})


def build_live_fragment(job: Job, *, after: int) -> dict[str, Any]:
    """Return the context of `jobs/_job_fragment.html`.

    It has the job, and the segments with an id above `after`. Ids grow as chunks are stored, in any order, so a page
    asks for those it has not seen. Some may become visible late on other databases; a page therefore asks for all once
    the job has ended.
    """
    etag = fingerprint_fragment(job)
    segments = list(queries.list_segments(job, after=after))
    last_seen = max((segment.pk for segment in segments), default=after)
    return {
        "job": job,
        "segments": segments,
        **build_review(job, segments, is_whole=not after),
        "after": after,
        "last_seen": last_seen,
        "turns": job_log.list_milestones(job),
        "work": job_log.summarise_work(job),
        "last_error": failures.find_last_error(job) if job.state == JobState.FAILED else "",
        "etag": etag,
        "is_disk_short": not storage.has_free_space(),
    }


def build_review(job: Job, segments: list[Segment], *, is_whole: bool) -> dict[str, Any]:
    """Return the lines of a page and its review spots.

    These are there once the job has ended and all `segments` are given.
    """
    transcript = queries.join_segments(job, segments, with_coverage=False)
    lines = review.list_lines(segments, transcript)
    is_uncertain = LANGUAGE_UNCERTAIN in getattr(getattr(job, "transcript", None), "flags", ())
    return {
        "lines": lines,
        "spots": review.list_review_spots(lines, transcript.review_spots) if is_whole and not job.is_active else [],
        "languages": engines.describe_model().languages if is_uncertain else (),
    }


def fingerprint_fragment(job: Job) -> str:
    """Return a text that changes with the look of the fragment.

    A job that has ended needs no free space.
    """
    fingerprint = queries.fingerprint_job(job)
    return add_space_warning(fingerprint) if job.is_active else fingerprint


def read_last_seen(request: HttpRequest) -> int:
    """Return the highest segment id that the page has.

    0 asks for all.
    """
    since = request.GET.get("since", "")
    return int(since) if len(since) <= ID_DIGITS and since.isascii() and since.isdigit() else 0


@login_required
@require_POST
@hide_missing
def change_job(request: HttpRequest, pk: UUID, change: "Callable[[Job, User], Job]") -> HttpResponse:
    """Change a job by `change` and go back.

    Cancel, retry, dismiss or take back.
    """
    try:
        change(find_job(request, pk), get_person(request))
    except JobError as error:
        messages.error(request, str(error))
    return go_back(request, "job", pk)


@login_required
@require_POST
def retry_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Retry a job and go back.

    Refused when the person started too many already.
    """
    return refuse_excess(request) or change_job(request, pk, control.retry_job)


@login_required
@require_safe
def download_transcript(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Answer with the transcript as a file.

    It goes as far as there is text.
    """
    try:
        return build_transcript_response(find_job(request, pk), name, attachment=True)
    except UnknownFormat as error:
        return answer_job_error(request, error)
