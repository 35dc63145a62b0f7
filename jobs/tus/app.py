"""The ASGI app of resumable uploads: it knows the sender before it reads a byte, and writes bytes as they arrive."""

from __future__ import annotations

import asyncio
import errno
import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.exceptions import ObjectDoesNotExist, RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections
from django.http import HttpResponse
from django.utils.http import http_date
from rest_framework.authentication import CSRFCheck
from rest_framework.exceptions import APIException

from accounts.authentication import find_sender, read_own_bearer
from jobs import conf
from jobs.api.access import PERSON_HEADER, check_person
from jobs.api.errors import describe_job_error
from jobs.domain import storage, uploads
from jobs.errors import (
    DiskFull,
    JobError,
    PieceTooLarge,
    RecordingClosed,
    UploadLocked,
    UploadOffsetMismatch,
    UploadSilent,
)
from jobs.models import Upload
from jobs.tus import protocol
from problems import Problem, ProblemError, describe_exception, problem_response, standard_problem
from versioning.middleware import stamp_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from rest_framework.request import Request

    from accounts.models import User

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

ADDRESS = "/api/uploads/"
METHODS = "OPTIONS, POST, HEAD, GET, PATCH, DELETE"
# A change of thread for each of the small parts in which servers hand bodies out would be slow.
BATCH_BYTES = 1024 * 1024
# A connection from which nothing comes is given up, since it keeps others from going on with the upload.
SILENCE_SECONDS = 20.0
# How much may arrive between two looks at the free space.
LOOK_BYTES = 16 * 1024 * 1024
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class TusApp:
    """Answers /api/uploads/ and what lies below it; everything else goes to Django."""

    def __init__(self, django: ASGIHandler) -> None:
        self.django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and find_path(scope).startswith(ADDRESS):
            await answer(self.django, scope, receive, send)
        else:
            await self.django(scope, cast("Any", receive), cast("Any", send))


def find_path(scope: Scope) -> str:
    """Return the path below the prefix that the site is mounted at."""
    return "/" + str(scope["path"]).removeprefix(get_script_prefix(scope)).lstrip("/")


async def answer(django: ASGIHandler, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request. Whoever went away gets none."""
    # Without its query, which may be unreadable and means nothing here.
    request = ASGIRequest({**scope, "query_string": b""}, BytesIO())
    try:
        response = await respond(Call(scope, request, receive))
    except RequestAborted:
        return
    response["Tus-Resumable"] = protocol.VERSION
    response["Cache-Control"] = "no-store"
    await django.send_response(stamp_response(request, response), cast("Any", send))


class Call:
    """One request: what it asks for, who sends it, and its body."""

    def __init__(self, scope: Scope, request: ASGIRequest, receive: Receive) -> None:
        self.request = request
        self.receive = receive
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.method = str(self.headers.get("x-http-method-override") or scope["method"]).upper()
        self.name = find_path(scope).removeprefix(ADDRESS).strip("/")

    async def read_batches(self) -> AsyncIterator[bytes]:
        """Yield the body in batches of at least BATCH_BYTES, the last one smaller; what came before a break comes too.

        Raises RequestAborted when the sender goes away, UploadSilent when it says nothing for long.
        """
        end: Exception | None = None
        batch, size, more = [], 0, True
        while more:
            try:
                message = await asyncio.wait_for(self.receive(), SILENCE_SECONDS)
            except TimeoutError:
                message, end = {}, UploadSilent()
            if message.get("type") == "http.disconnect":
                end = RequestAborted()
            batch.append(message.get("body", b""))
            size += len(batch[-1])
            more = bool(message.get("more_body", False)) and end is None
            if size >= BATCH_BYTES or not more:
                yield b"".join(batch)
                batch, size = [], 0
        if end is not None:
            raise end


async def respond(call: Call) -> HttpResponse:
    """Return the answer to a request, be it an error. Raises RequestAborted."""
    try:
        return await handle(call)
    except Exception as error:
        problem = describe(error)
        if problem is None:
            raise
        return problem_response(problem)


async def handle(call: Call) -> HttpResponse:
    """Do what a request asks for, once its sender is known. Raises RequestAborted and what `describe` knows."""
    check_version(call)
    if call.method == "OPTIONS":
        return describe_server()
    person = await run(find_person, call.request)
    check_person(call.headers.get(PERSON_HEADER.lower()), person)
    return await choose_handler(call)(call, person)


def choose_handler(call: Call) -> Callable[[Call, Any], Awaitable[HttpResponse]]:
    """Return what answers a request. Raises ProblemError: 405."""
    handlers = HANDLERS if call.name else {"POST": create}
    if call.method not in handlers:
        raise ProblemError(standard_problem("method_not_allowed", headers={"Allow": METHODS}))
    return handlers[call.method]


def describe(error: Exception) -> Problem | None:
    """Return what a sender is told of an error, None for one that is a fault of the program."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        error = DiskFull()
    if isinstance(error, JobError):
        return describe_job_error(error)
    if isinstance(error, ObjectDoesNotExist):
        return standard_problem("not_found")
    return None if isinstance(error, RequestAborted) else describe_exception(error)


async def run(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Do what needs the database in Django's own thread, whose connection is given back afterwards."""

    def do() -> Any:
        try:
            return work(*arguments, **options)
        finally:
            close_old_connections()

    return await sync_to_async(do)()


def check_version(call: Call) -> None:
    """Refuse a protocol that is not spoken here. Raises ProblemError."""
    if call.method in {"OPTIONS", "GET"} or call.headers.get("tus-resumable") == protocol.VERSION:
        return
    words = f"Send Tus-Resumable: {protocol.VERSION}."
    raise ProblemError(
        Problem(412, "tus_version_unknown", words, headers={"Tus-Version": protocol.VERSION}, title="Unknown protocol")
    )


def describe_server() -> HttpResponse:
    """Tell what this server can do."""
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": protocol.VERSION,
            "Tus-Extension": protocol.EXTENSIONS,
            "Tus-Max-Size": str(conf.get_max_upload_bytes()),
            "Tus-Checksum-Algorithm": ",".join(protocol.ALGORITHMS),
            "Allow": METHODS,
        },
    )


def find_person(request: ASGIRequest) -> User:
    """Return whose token or session a request carries. Raises ProblemError: 400, 401, 403 or 429."""
    request.get_host()  # refuses an address that is not ours
    try:
        person = find_sender(request)
    except APIException as error:
        raise ProblemError(cast("Problem", describe_exception(error))) from error
    if person is None:
        raise ProblemError(standard_problem("not_authenticated", headers=CHALLENGE))
    if read_own_bearer(cast("Request", request)) is None:
        check_origin(request)
    return person


def check_origin(request: ASGIRequest) -> None:
    """Refuse a session's request that no page of this site has made. Raises ProblemError."""
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, cast("Any", None), (), {}):
        raise ProblemError(standard_problem("csrf_failed"))


def find_upload(call: Call, person: User) -> Upload:
    """Return the upload that is asked for, if it is the person's. Raises Upload.DoesNotExist."""
    try:
        key = UUID(call.name)
    except ValueError as error:
        raise Upload.DoesNotExist from error
    return Upload.objects.select_related("owner").get(pk=key, owner=person)


async def create(call: Call, person: User) -> HttpResponse:
    """POST: make room for an upload."""
    new = protocol.read_new_upload(call.headers)
    upload: Upload = await run(uploads.create_upload, person, new)
    headers = describe_upload(upload, storage.measure_upload(upload.pk))
    address = call.request.path.rstrip("/") + f"/{upload.pk}"
    return HttpResponse(status=201, headers={**headers, "Location": address})


async def show_offset(call: Call, person: User) -> HttpResponse:
    """HEAD: tell how far an upload is; one that lost its server at the end is taken in now."""
    upload: Upload = await run(find_upload, call, person)
    offset = count_bytes(upload)
    if upload.length == offset and upload.finished_at is None:
        with suppress(UploadLocked), uploads.UploadFile(upload) as file:
            await run(uploads.note_progress, upload, file.offset)
        upload = await run(find_upload, call, person)
    return HttpResponse(headers=describe_upload(upload, offset))


async def show(call: Call, person: User) -> HttpResponse:
    """GET: the same for people and programs that read JSON."""
    upload: Upload = await run(find_upload, call, person)
    body = {
        "id": upload.pk,
        "offset": count_bytes(upload),
        "length": upload.length,
        "filename": upload.original_name,
        "recording": upload.recording_id,
        "part": upload.part,
        "job": upload.job_id,
    }
    return HttpResponse(json.dumps(body, cls=DjangoJSONEncoder), content_type="application/json")


async def remove(call: Call, person: User) -> HttpResponse:
    """DELETE: forget an upload; a part of a recording goes with the recording."""
    upload: Upload = await run(find_upload, call, person)
    if upload.recording_id is not None:
        raise ProblemError(standard_problem("permission_denied", detail="Delete the recording that this is a part of."))
    await run(uploads.remove_upload, upload)
    return HttpResponse(status=204)


async def append(call: Call, person: User) -> HttpResponse:
    """PATCH: add to an upload where it ends, and take it in when it is whole."""
    if call.headers.get("content-type") != protocol.PIECE_TYPE:
        words = f"Send pieces as {protocol.PIECE_TYPE}."
        raise ProblemError(standard_problem("unsupported_media_type", detail=words))
    offset, length = (protocol.read_number(call.headers, name) for name in ("Upload-Offset", "Upload-Length"))
    checksum = protocol.read_checksum(call.headers)
    upload: Upload = await run(find_upload, call, person)
    if upload.finished_at is not None:
        return await answer_finished(call, upload, offset)
    with uploads.UploadFile(upload) as file:
        if offset != file.offset:
            raise ProblemError(describe_mismatch(file.offset))
        if length is not None:
            await run(uploads.set_length, upload, length, file.offset)
            file.limit = length
        await run(uploads.check_open_end, upload, file.offset)
        try:
            await (write_verified(call, file, checksum) if checksum else write(call, file))
        finally:
            job = await run(uploads.note_progress, upload, file.offset)
    headers = describe_upload(upload, file.offset)
    return HttpResponse(status=204, headers={**headers, **({"X-Job-Id": str(job.pk)} if job else {})})


async def answer_finished(call: Call, upload: Upload, offset: int | None) -> HttpResponse:
    """Answer the last request of an upload once more; anything else would add to what is finished.

    Raises ProblemError, and RecordingClosed for bytes that nobody would keep.
    """
    if offset != upload.length:
        raise ProblemError(describe_mismatch(cast("int", upload.length)))
    async for batch in call.read_batches():
        if batch:
            raise RecordingClosed
    return HttpResponse(status=204, headers=describe_upload(upload, offset or 0))


async def write(call: Call, file: uploads.UploadFile) -> None:
    """Append a body as it comes. Raises RequestAborted, JobError, OSError; what came before is kept."""
    next_look = file.offset
    async for batch in call.read_batches():
        if file.offset >= next_look:
            await asyncio.to_thread(storage.check_free_space)
            await run(uploads.check_open_end, file.upload, file.offset)
            next_look = file.offset + LOOK_BYTES
        if batch:
            await asyncio.to_thread(file.append, batch)
    if file.offset == file.upload.length:
        await asyncio.to_thread(file.sync)


async def write_verified(call: Call, file: uploads.UploadFile, checksum: protocol.Checksum) -> None:
    """Append a piece once it is whole and right. Raises RequestAborted, JobError, OSError; then nothing of it is kept."""
    batches: list[bytes] = []
    size = 0
    async for batch in call.read_batches():
        size += len(batch)
        if size > conf.MAX_PIECE_BYTES:
            raise PieceTooLarge
        batches.append(batch)
    data = b"".join(batches)
    await asyncio.to_thread(partial(append_verified, file, data, checksum))


def append_verified(file: uploads.UploadFile, data: bytes, checksum: protocol.Checksum) -> None:
    """Verify a piece, append it and make it survive a power cut."""
    checksum.check(data)
    storage.check_free_space()
    file.append(data)
    file.sync()


def describe_mismatch(offset: int) -> Problem:
    """Return the problem of a request that does not begin at `offset`, where the upload ends."""
    problem = describe_job_error(UploadOffsetMismatch())
    extras = {**problem.extras, "offset": offset}
    return Problem(problem.status, problem.code, problem.detail, extras=extras, headers={"Upload-Offset": str(offset)})


def count_bytes(upload: Upload) -> int:
    """Return how far an upload is; the bytes of one that was taken in lie elsewhere."""
    is_moved = upload.finished_at is not None
    return upload.received_bytes if is_moved else storage.measure_upload(upload.pk)


def describe_upload(upload: Upload, offset: int) -> dict[str, str]:
    """Return the headers that tell how an upload stands."""
    headers = {"Upload-Offset": str(offset)}
    if upload.length is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(upload.length)
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    if upload.job_id is not None:
        headers["X-Job-Id"] = str(upload.job_id)
    if upload.recording_id is None:
        expires = upload.touched_at + timedelta(seconds=conf.get_upload_expiry_seconds())
        headers["Upload-Expires"] = http_date(expires.timestamp())
    return headers


HANDLERS: dict[str, Callable[[Call, Any], Awaitable[HttpResponse]]] = {
    "HEAD": show_offset,
    "GET": show,
    "PATCH": append,
    "DELETE": remove,
}
