"""Refuses pages of another version before a view runs.

Every response carries the program's version.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from foundation.problems import Problem, ProblemRow, problem_response
from versioning.conf import CHECKED_PREFIXES, EXEMPT_PREFIXES, OWN_PROTOCOLS, read_policy
from versioning.versions import BACKEND, Mismatch, check_frontend

FRONTEND_HEADER = "X-Frontend-Version"
BACKEND_HEADER = "X-Backend-Version"

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]
VERSION_MISMATCH = ProblemRow(
    "version_mismatch",
    409,
    "Version mismatch",
    "This page is of another version than the server. Reload it to go on.",
    "`frontend`, `backend` and `minimum` name the versions.",
)


class FrontendVersionMiddleware:
    """Answers 409 `version_mismatch` on the API and polled fragments.

    It works with sync and async stacks.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.async_mode = iscoroutinefunction(get_response)
        if self.async_mode:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.async_mode:
            return self.__acall__(request)
        response = refuse_mismatch(request) or cast("HttpResponseBase", self.get_response(request))
        return stamp_response(request, response)

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        refused = refuse_mismatch(request)
        response = refused or await cast("Awaitable[HttpResponseBase]", self.get_response(request))
        return stamp_response(request, response)


def is_checked(path: str) -> bool:
    """Whether the front end's version matters on this path."""
    return path.startswith(CHECKED_PREFIXES) and not path.startswith(EXEMPT_PREFIXES)


def has_own_protocol(request: HttpRequest) -> bool:
    """Whether a request names the version of its own protocol.

    The view then checks that instead.
    """
    return any(request.path_info.startswith(path) and name in request.headers for path, name in OWN_PROTOCOLS.items())


def refuse_mismatch(request: HttpRequest) -> HttpResponseBase | None:
    """Return the 409 for a front end outside the policy.

    None when the view may run, which it also may without a header.
    """
    frontend = request.headers.get(FRONTEND_HEADER)
    if frontend is None or not is_checked(request.path_info) or has_own_protocol(request):
        return None
    mismatch = check_frontend(frontend, read_policy())
    return problem_response(describe_mismatch(mismatch)) if mismatch else None


def describe_mismatch(mismatch: Mismatch) -> Problem:
    """Return the problem that asks a page to reload."""
    return VERSION_MISMATCH.build(extras=asdict(mismatch), headers={"Cache-Control": "no-store"})


def stamp_response(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the program's version to a response.

    Where the answer depends on the page's version, caches learn so.
    """
    response[BACKEND_HEADER] = str(BACKEND)
    if is_checked(request.path_info):
        patch_vary_headers(response, [FRONTEND_HEADER])
    return response
