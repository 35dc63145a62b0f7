"""The log of one job: its chunks, workers and speed.

All events follow page by page.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.http.conditional_fragments import answer_fragment
from jobs.domain.reading import job_log, queries
from jobs.models import Job
from jobs.web.access import find_job, require_person
from jobs.web.job_pages import ID_DIGITS

PAGE_SIZE = 100


@login_required
@require_safe
def show_log(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a page of the log.

    Newest first unless the address has `order=oldest`, from the event `from` on.
    """
    return render(request, "jobs/log.html", {**build_log_fragment(request, find_job(request, pk)), "here": ""})


@require_safe
@require_person
def show_log_fragment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the fragment of the log that changes by itself."""
    return answer_fragment(request, "jobs/_log_fragment.html", build_log_fragment(request, find_job(request, pk)))


def build_log_fragment(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Return the context of `jobs/_log_fragment.html`."""
    newest_first = request.GET.get("order") != "oldest"
    beyond = read_event_id(request.GET.get("from", ""))
    events, further = job_log.take_log_page(job, beyond=beyond, newest_first=newest_first, size=PAGE_SIZE)
    return {
        "job": job,
        "work": job_log.summarise_work(job),
        "events": events,
        "further": further,
        "newest_first": newest_first,
        "is_first": beyond is None,
        "query": request.GET.urlencode(),
        "etag": queries.hash_lines([queries.fingerprint_job(job), str(further), *(str(event.pk) for event in events)]),
    }


def read_event_id(text: str) -> int | None:
    """Return the event id in an address.

    None, the beginning, for one that makes no sense.
    """
    return int(text) if len(text) <= ID_DIGITS and text.isascii() and text.isdigit() else None
