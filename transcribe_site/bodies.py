"""Caps request bodies as they arrive: Django takes a whole body before any middleware, sign-in or view is asked."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix

from jobs import conf
from jobs.api.errors import describe_job_error
from jobs.domain.storage import check_free_space
from jobs.errors import DiskFull, UploadTooLarge
from problems import Problem, ProblemError, answer_problem, standard_problem
from versioning.middleware import stamp_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from django.http.response import HttpResponseBase

    Scope = Mapping[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# The API's upload, and the form of the home page for browsers without JavaScript.
UPLOAD_PATHS = frozenset({"/api/jobs/", "/"})
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Cap:
    """How many bytes a request's body may have, and what its sender is told when there are more."""

    limit: int
    problem: Problem


class CappedHandler(ASGIHandler):
    """Django's handler with a cap on bodies, which it spools in the data folder instead of the system's /tmp."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        cap = choose_cap(scope)
        try:
            await check_announced(scope, cap)
            await super().handle(scope, cap_receive(receive, cap), send)
        except ProblemError as refused:
            await self.send_response(self.answer_refusal(scope, refused.problem), send)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """Return the body, in memory while it is small. Raises RequestAborted, and ProblemError when it is refused."""
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - Django closes it with the request
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, dir=str(settings.FILE_UPLOAD_TEMP_DIR)
        )
        try:
            async for part in read_parts(receive):
                body.write(part)
            body.seek(0)
        except (OSError, RequestAborted, ProblemError) as error:
            body.close()
            if isinstance(error, OSError) and error.errno in FULL_DISK:
                raise ProblemError(describe_job_error(DiskFull())) from error
            raise
        return cast("IO[bytes]", body)

    def create_request(
        self, scope: Scope, body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        # A body sent in pieces names no length, and Django's form parser takes a body without length for empty.
        if get_header(scope, b"transfer-encoding"):
            size = body_file.seek(0, os.SEEK_END)
            body_file.seek(0)
            scope = {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]}
        return super().create_request(scope, body_file)

    def answer_refusal(self, scope: Scope, problem: Problem) -> HttpResponseBase:
        """Return the problem, as a page where one was asked for; no database is needed for it."""
        request, unreadable = super().create_request(scope, BytesIO())
        if unreadable is not None:
            return unreadable
        known = cast("ASGIRequest", request)
        return stamp_response(known, answer_problem(known, problem, bare=True))


def choose_cap(scope: Scope) -> Cap:
    """Return the cap for a request: only uploads by somebody who says who they are may be large."""
    small = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    path = scope["path"].removeprefix(get_script_prefix(scope))
    if scope["method"] != "POST" or path not in UPLOAD_PATHS:
        return Cap(small, standard_problem("too_large"))
    if not has_credentials(scope):
        return Cap(small, standard_problem("not_authenticated", headers={"WWW-Authenticate": "Bearer"}))
    return Cap(conf.get_max_upload_bytes() + small, describe_job_error(UploadTooLarge()))


def has_credentials(scope: Scope) -> bool:
    """Tell whether a request carries a token or a session cookie; the views find out whether they are good."""
    cookie = f"{settings.SESSION_COOKIE_NAME}=".encode()
    return bool(get_header(scope, b"authorization")) or cookie in get_header(scope, b"cookie")


def get_header(scope: Scope, name: bytes) -> bytes:
    """Return the header `name` (lower case), several of them joined, b"" for none."""
    return b"; ".join(value for key, value in scope["headers"] if key == name)


async def check_announced(scope: Scope, cap: Cap) -> None:
    """Refuse a body by the length it announces, and any large one while the disk is short.

    Raises:
        ProblemError: with the cap's problem, or 507 `disk_full`.
    """
    length = get_header(scope, b"content-length")
    size = int(length) if length.isdigit() else 0
    if size > cap.limit:
        raise ProblemError(cap.problem)
    if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        try:
            await asyncio.to_thread(check_free_space)
        except DiskFull as error:
            raise ProblemError(describe_job_error(error)) from error


def cap_receive(receive: Receive, cap: Cap) -> Receive:
    """Return `receive` with the body's bytes counted, since a body sent in pieces announces nothing.

    What is returned raises ProblemError with the cap's problem.
    """
    received = 0

    async def receive_capped() -> Mapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > cap.limit:
            raise ProblemError(cap.problem)
        return message

    return receive_capped


async def read_parts(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the parts of a body. Raises RequestAborted when the client goes away."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        yield message.get("body", b"")
        more = message.get("more_body", False)
