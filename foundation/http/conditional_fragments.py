"""Parts of pages that the browser polls: 304 as long as nothing changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag


def answer_fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with a fragment, or 304; `context` has its `etag`."""
    etag = context["etag"]
    return find_unchanged(request, etag) or stamp_fragment(render(request, template, context), etag)


def find_unchanged(request: HttpRequest, fingerprint: str) -> HttpResponse | None:
    """Return a 304 if the browser has this state, else None."""
    response = get_conditional_response(request, etag=quote_etag(fingerprint))
    return stamp_fragment(response, fingerprint) if response else None


def stamp_fragment(response: HttpResponse, fingerprint: str) -> HttpResponse:
    """Set the ETag, and keep the answer out of shared and stale caches."""
    response["ETag"] = quote_etag(fingerprint)
    patch_cache_control(response, private=True, no_cache=True)
    return response
