"""The log of one job: who did its pieces and how fast, and all that happened, page by page."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.domain import history
from jobs.web.access import find_job
from jobs.web.job_pages import ID_DIGITS

PAGE_SIZE = 100


@login_required
@require_safe
def show_log(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a page of the log, newest first unless the address has `order=oldest`, from the event `from` on."""
    job = find_job(request, pk)
    newest_first = request.GET.get("order") != "oldest"
    beyond = read_event_id(request.GET.get("from", ""))
    events, further = history.take_log_page(job, beyond=beyond, newest_first=newest_first, size=PAGE_SIZE)
    context = {
        "job": job,
        "work": history.summarise_work(job),
        "events": events,
        "further": further,
        "newest_first": newest_first,
        "is_first": beyond is None,
        "here": "",
    }
    return render(request, "jobs/log.html", context)


def read_event_id(text: str) -> int | None:
    """Return the id that an address names; None, the beginning, for one that makes no sense."""
    return int(text) if len(text) <= ID_DIGITS and text.isascii() and text.isdigit() else None
