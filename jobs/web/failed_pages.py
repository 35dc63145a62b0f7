"""The page of failed jobs by kind.

The most frequent kind comes first, with advice. Jobs are retried and dismissed one or many at a time.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.sign_ins import get_person
from foundation.http.conditional_fragments import answer_fragment
from foundation.http.cursors import LAST_DISMISSED, decode_cursor, take_page
from jobs.domain.lifecycle import bulk
from jobs.domain.reading import failures, queries
from jobs.errors import JobError
from jobs.submit_throttle import refuse_excess
from jobs.web.access import go_back, require_person

if TYPE_CHECKING:
    from accounts.models import User

# While all kinds are shown, each shows at most this many jobs.
FEW = 5
MOST_CHOSEN = 1000
CODE_LENGTH = 40
DONE_WORDS = {"retry": "started again", "dismiss": "dismissed", "take_back": "put back"}


@login_required
@require_safe
def list_failed(request: HttpRequest) -> HttpResponse:
    """Show failed or dismissed jobs.

    By kind, or those of one `kind`.
    """
    return render(request, "jobs/failed.html", {**build_failed_fragment(request), "here": "failed"})


@require_safe
@require_person
def show_failed_fragment(request: HttpRequest) -> HttpResponse:
    """Answer with the fragment of the page that changes by itself."""
    return answer_fragment(request, "jobs/_failed_list.html", build_failed_fragment(request))


def build_failed_fragment(request: HttpRequest) -> dict[str, Any]:
    """Return the context of `jobs/_failed_list.html`."""
    person = get_person(request)
    is_dismissed = request.GET.get("show") == "dismissed"
    sections = [build_dismissed(request, person)] if is_dismissed else build_kinds(request, person)
    shown = [f"{job.pk} {job.updated_at.isoformat()}" for section in sections for job in section["jobs"]]
    counts = [f"{section['code']} {section['count']}" for section in sections]
    failed = queries.count_failed(person)
    return {
        "sections": sections,
        "is_dismissed": is_dismissed,
        "kind": request.GET.get("kind", ""),
        "failed": failed,
        "etag": queries.hash_lines([*counts, *shown, str(failed)]),
        "query": request.GET.urlencode(),
    }


def build_kinds(request: HttpRequest, person: "User") -> list[dict[str, Any]]:
    """Return each kind with its newest jobs.

    Where the address names a kind, only a page of that one.
    """
    kind = request.GET.get("kind", "")
    groups = [group for group in failures.group_failures(person) if not kind or group.code == kind]
    cursor = decode_cursor(request.GET.get("before", "")) if kind else None
    sections = []
    for group in groups:
        jobs = failures.with_last_error(failures.dead_jobs(person, error_code=group.code))
        page, older = take_page(jobs, cursor, size=None if kind else FEW)
        sections.append({"code": group.code, "count": group.count, "group": group, "jobs": page, "older": older})
    return sections


def build_dismissed(request: HttpRequest, person: "User") -> dict[str, Any]:
    """Return a page of the dismissed jobs, the last dismissed first."""
    cursor = decode_cursor(request.GET.get("before", ""), LAST_DISMISSED)
    jobs = failures.with_last_error(failures.dismissed_jobs(person))
    page, older = take_page(jobs, cursor, LAST_DISMISSED)
    return {"code": "", "count": len(page), "group": None, "jobs": page, "older": older}


@login_required
@require_POST
def change_failed(request: HttpRequest) -> HttpResponse:
    """Retry, dismiss or take back failed jobs and go back.

    The ticked ones, or all of a kind; `act` says which.
    """
    if refused := refuse_excess(request):
        return refused
    name, _, scope = request.POST.get("act", "").partition(" ")
    chosen = read_choice(request, is_all=scope == "all")
    if name in DONE_WORDS and chosen:
        change_chosen(request, name, chosen)
    else:
        messages.error(request, "Tick at least one job first.")
    return go_back(request, "failed")


def read_choice(request: HttpRequest, *, is_all: bool) -> dict[str, Any]:
    """Return the jobs that a form names, empty for none.

    As `jobs.domain.reading.failures` takes them.
    """
    if is_all:
        code = request.POST.get("error_code", "").replace("\0", "")[:CODE_LENGTH]
        return {"error_code": code} if code else {}
    try:
        keys = [UUID(key) for key in request.POST.getlist("jobs")[:MOST_CHOSEN]]
    except ValueError:
        keys = []
    return {"jobs": keys} if keys else {}


def change_chosen(request: HttpRequest, action: str, chosen: dict[str, Any]) -> None:
    """Change the chosen jobs and leave a message about the result."""
    try:
        tally = bulk.change_chosen(get_person(request), action, **chosen)
    except JobError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, describe_tally(tally, DONE_WORDS[action]))


def describe_tally(tally: bulk.Tally, words: str) -> str:
    """Return the result of changing many jobs in plain words."""
    text = f"{tally.done:,} job{'' if tally.done == 1 else 's'} {words}."
    if tally.skipped:
        text += f" {tally.skipped:,} had changed meanwhile and stayed as they were."
    if tally.left:
        text += f" {tally.left:,} are left: press again to go on with them."
    return text
