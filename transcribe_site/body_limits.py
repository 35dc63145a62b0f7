"""Caps request bodies as they arrive: Django takes a whole body before any middleware, sign-in or view is asked."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from dataclasses import replace
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.db import close_old_connections
from rest_framework.exceptions import APIException

from accounts.sign_ins import find_sender
from foundation.http.asgi_bodies import BATCH_BYTES, read_batches
from foundation.problems import (
    OUTAGES,
    ProblemError,
    answer_problem,
    describe_exception,
    describe_outage,
    standard_problem,
)
from jobs import conf
from jobs.api.exceptions import describe_job_error
from jobs.domain.base.storage import check_free_space
from jobs.errors import DiskFull, UploadTooLarge
from versioning.middleware import stamp_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http.response import HttpResponseBase

    from foundation.http.asgi_bodies import Receive, Send
    from foundation.problems import Problem

    Scope = Mapping[str, Any]

# The API's upload, and the form of the home page for browsers without JavaScript.
UPLOAD_PATHS = frozenset({"/api/jobs/", "/"})
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
LOOK_BYTES = 16 * 1024 * 1024  # how much may arrive between two looks at the free space
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class CappedHandler(ASGIHandler):
    """Django's handler with a cap on bodies, which it spools in the data folder instead of the system's /tmp."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        gate = Gate(scope, receive)
        try:
            await gate.admit(read_announced(scope))
            await super().handle(scope, gate.receive, send)
        except ProblemError as refused:
            await self.send_response(self.answer_refusal(scope, refused.problem), send)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """Return the body, in memory while it is small. Raises RequestAborted, and ProblemError when it is refused."""
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - Django closes it with the request
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, dir=str(settings.FILE_UPLOAD_TEMP_DIR)
        )
        try:
            async for batch in read_batches(receive):
                if len(batch) < BATCH_BYTES and not body.tell():
                    body.write(batch)  # to memory
                else:
                    await asyncio.to_thread(body.write, batch)
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


class Gate:
    """Lets a request's body through as long as it is small, or its sender, its size and the disk are right.

    Only uploads by somebody who has an account may be large.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive_any = receive
        self.small = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.is_known = False
        self.received = 0
        self.next_look = 0

    async def receive(self) -> Mapping[str, Any]:
        """Return the next message, counted, since a body sent in pieces announces nothing. Raises ProblemError."""
        message = await self.receive_any()
        self.received += len(message.get("body", b""))
        await self.admit(self.received)
        return message

    async def admit(self, size: int) -> None:
        """Let a body of `size` bytes through.

        Raises:
            ProblemError: 413 it is too large, 401 or 429 its sender is unknown, 507 the disk is short.
        """
        if size <= self.small:
            return
        if not is_upload(self.scope):
            raise ProblemError(standard_problem("too_large"))
        if not self.is_known:
            await sync_to_async(check_sender)(self.scope)
            self.is_known = True
        if size > conf.get_max_upload_bytes() + self.small:
            raise ProblemError(describe_job_error(UploadTooLarge()))
        if self.received >= self.next_look:
            await asyncio.to_thread(check_space)
            self.next_look = self.received + LOOK_BYTES


def is_upload(scope: Scope) -> bool:
    """Tell whether a request goes to where files are taken."""
    return scope["method"] == "POST" and scope["path"].removeprefix(get_script_prefix(scope)) in UPLOAD_PATHS


def check_sender(scope: Scope) -> None:
    """Refuse a request whose token or session is not a good one. Raises ProblemError."""
    # Without its query, which may be unreadable; Django says so later.
    request = ASGIRequest({**scope, "query_string": b""}, BytesIO())
    try:
        person = find_sender(request)
    except APIException as error:
        problem = cast("Problem", describe_exception(error))
        raise ProblemError(replace(problem, headers={**CHALLENGE, **problem.headers})) from error
    except OUTAGES as error:
        raise ProblemError(describe_outage(error) or standard_problem("error")) from error
    finally:
        close_old_connections()
    if person is None:
        raise ProblemError(standard_problem("not_authenticated", headers=CHALLENGE))


def check_space() -> None:
    """Refuse while the disk is short. Raises ProblemError."""
    try:
        check_free_space()
    except DiskFull as error:
        raise ProblemError(describe_job_error(error)) from error


def get_header(scope: Scope, name: bytes) -> bytes:
    """Return the header `name` (lower case), several of them joined, b"" for none."""
    return b"; ".join(value for key, value in scope["headers"] if key == name)


def read_announced(scope: Scope) -> int:
    """Return how many bytes a body is said to have, 0 when nothing sensible is said."""
    length = get_header(scope, b"content-length")
    return int(length) if length.isdigit() else 0
