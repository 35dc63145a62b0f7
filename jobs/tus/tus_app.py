"""The ASGI app of resumable uploads.

It knows the sender before it reads a byte, and writes bytes as they arrive.
"""

from __future__ import annotations

import errno
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ObjectDoesNotExist, RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpResponse
from rest_framework.authentication import CSRFCheck

from accounts.authentication import read_own_bearer
from foundation.http.asgi_bodies import find_path, run
from foundation.problems import Problem, ProblemError, ProblemRow, problem_response, standard_problem
from jobs import conf
from jobs.asgi_requests import describe_error, require_sign_in
from jobs.errors import DiskFull
from jobs.senders import PERSON_HEADER, check_person
from jobs.tus import tus_headers
from jobs.tus.call import ADDRESS, Call
from jobs.tus.handlers import HANDLERS, create
from versioning.middleware import stamp_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rest_framework.request import Request

    from accounts.models import User
    from foundation.http.asgi_bodies import Receive, Scope, Send

METHODS = "OPTIONS, POST, HEAD, GET, PATCH, DELETE"
VERSION_UNKNOWN = ProblemRow(
    "tus_version_unknown",
    412,
    "Unknown protocol",
    f"Send Tus-Resumable: {tus_headers.VERSION}.",
    "The header `Tus-Version` has the version that is spoken.",
)


class TusApp:
    """Answers /api/uploads/ and below; all else goes to Django."""

    def __init__(self, django: ASGIHandler) -> None:
        self.django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and find_path(scope).startswith(ADDRESS):
            await answer(self.django, scope, receive, send)
        else:
            await self.django(scope, cast("Any", receive), cast("Any", send))


async def answer(django: ASGIHandler, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request unless its sender went away."""
    # Without its query, which may be unreadable and means nothing here.
    request = ASGIRequest({**scope, "query_string": b""}, BytesIO())
    try:
        response = await respond(Call(scope, request, receive))
    except RequestAborted:
        return
    response["Tus-Resumable"] = tus_headers.VERSION
    response["Cache-Control"] = "no-store"
    await django.send_response(stamp_response(request, response), cast("Any", send))


async def respond(call: Call) -> HttpResponse:
    """Return the answer to a request, be it an error.

    Raises:
        RequestAborted: the sender went away.
    """
    try:
        return await handle(call)
    except Exception as error:
        problem = describe(error)
        if problem is None:
            raise
        return problem_response(problem)


async def handle(call: Call) -> HttpResponse:
    """Answer a request once its sender is known.

    Raises:
        RequestAborted: the sender went away.
        Exception: one that `describe` turns into a problem.
    """
    check_version(call)
    if call.method == "OPTIONS":
        return describe_server()
    person = await run(find_person, call.request)
    check_person(call.headers.get(PERSON_HEADER.lower()), person)
    return await choose_handler(call)(call, person)


def choose_handler(call: Call) -> Callable[[Call, Any], Awaitable[HttpResponse]]:
    """Return the handler of a request.

    Raises:
        ProblemError: 405, the method is not known here.
    """
    handlers = HANDLERS if call.name else {"POST": create}
    if call.method not in handlers:
        raise ProblemError(standard_problem("method_not_allowed", headers={"Allow": METHODS}))
    return handlers[call.method]


def describe(error: Exception) -> Problem | None:
    """Return the problem of an error, None for a programming fault."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        error = DiskFull()
    if isinstance(error, ObjectDoesNotExist):
        return standard_problem("not_found")
    return None if isinstance(error, RequestAborted) else describe_error(error)


def check_version(call: Call) -> None:
    """Refuse another version of the protocol.

    Raises:
        ProblemError: 412, the version is not this one.
    """
    if call.method in {"OPTIONS", "GET"} or call.headers.get("tus-resumable") == tus_headers.VERSION:
        return
    raise ProblemError(VERSION_UNKNOWN.build(headers={"Tus-Version": tus_headers.VERSION}))


def describe_server() -> HttpResponse:
    """Return the abilities of this server."""
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": tus_headers.VERSION,
            "Tus-Extension": tus_headers.EXTENSIONS,
            "Tus-Max-Size": str(conf.get_max_upload_bytes()),
            "Tus-Checksum-Algorithm": ",".join(tus_headers.ALGORITHMS),
            "Allow": METHODS,
        },
    )


def find_person(request: ASGIRequest) -> User:
    """Return the person of a request's token or session.

    Raises:
        ProblemError: 400, 401, 403 or 429.
    """
    person = require_sign_in(request).person
    if read_own_bearer(cast("Request", request)) is None:
        check_origin(request)
    return person


def check_origin(request: ASGIRequest) -> None:
    """Refuse a session's request that no page of this site has made.

    Raises:
        ProblemError: 403, its token is missing or wrong.
    """
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, cast("Any", None), (), {}):
        raise ProblemError(standard_problem("csrf_failed"))
