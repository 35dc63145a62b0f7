"""The parts of pages that the browser polls: 304 as long as nothing changed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.sign_ins import get_person
from foundation.http.conditional_fragments import answer_fragment, find_unchanged, stamp_fragment
from jobs.web.access import find_job, require_person
from jobs.web.card_list import build_list, fingerprint_list, read_filter
from jobs.web.job_pages import build_live_fragment, fingerprint_fragment, read_last_seen


@require_safe
@require_person
def show_cards(request: HttpRequest) -> HttpResponse:
    """Answer with the list of cards that the page's address asks for."""
    chosen = read_filter(request)
    person = get_person(request)
    etag = fingerprint_list(person, chosen)
    unchanged = find_unchanged(request, etag)
    if unchanged:
        return unchanged
    return stamp_fragment(render(request, "jobs/_job_list.html", build_list(person, chosen, etag)), etag)


@require_safe
@require_person
def show_job_fragment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with a job's state and the segments stored after `since`."""
    job = find_job(request, pk)
    unchanged = find_unchanged(request, fingerprint_fragment(job))
    return unchanged or answer_fragment(
        request, "jobs/_job_fragment.html", build_live_fragment(job, after=read_last_seen(request))
    )
