"""The parts of pages that the browser polls: 304 as long as nothing changed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from jobs.web.access import find_job, get_person, require_person
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
    return stamp(render(request, "jobs/_job_list.html", build_list(person, chosen, etag)), etag)


@require_safe
@require_person
def show_job_fragment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with a job's state and the segments stored after `since`."""
    job = find_job(request, pk)
    unchanged = find_unchanged(request, fingerprint_fragment(job))
    return unchanged or answer_fragment(
        request, "jobs/_job_fragment.html", build_live_fragment(job, after=read_last_seen(request))
    )


def answer_fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with a part of a page whose `context` has its `etag`, or that the browser has it already."""
    etag = context["etag"]
    return find_unchanged(request, etag) or stamp(render(request, template, context), etag)


def find_unchanged(request: HttpRequest, fingerprint: str) -> HttpResponse | None:
    """Return the 304 if the browser has this very state; None when it needs the new one."""
    response = get_conditional_response(request, etag=quote_etag(fingerprint))
    return stamp(response, fingerprint) if response else None


def stamp(response: HttpResponse, fingerprint: str) -> HttpResponse:
    """Name the state that is shown, and keep it out of shared and stale caches."""
    response["ETag"] = quote_etag(fingerprint)
    patch_cache_control(response, private=True, no_cache=True)
    return response
