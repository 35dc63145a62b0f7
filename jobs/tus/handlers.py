"""The methods of uploads with one handler for each."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.utils.http import http_date

from foundation.http.asgi_bodies import run
from foundation.problems import Problem, ProblemError, standard_problem
from jobs import conf
from jobs.api.exceptions import describe_job_error
from jobs.domain.base import storage
from jobs.domain.intake import resumable_uploads
from jobs.errors import PieceTooLarge, RecordingClosed, UploadLocked, UploadOffsetMismatch
from jobs.models import Upload
from jobs.tus import tus_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from accounts.models import User
    from jobs.tus.call import Call

# The free space is checked each time this much has arrived.
LOOK_BYTES = 16 * 1024 * 1024


def find_upload(call: Call, person: User) -> Upload:
    """Return the requested upload if it is the person's.

    Raises:
        Upload.DoesNotExist: there is none, or it is another person's.
    """
    try:
        key = UUID(call.name)
    except ValueError as error:
        raise Upload.DoesNotExist from error
    return Upload.objects.select_related("owner").get(pk=key, owner=person)


async def create(call: Call, person: User) -> HttpResponse:
    """POST: create an upload."""
    new = tus_headers.read_new_upload(call.headers)
    upload: Upload = await run(resumable_uploads.create_upload, person, new)
    headers = describe_upload(upload, storage.measure_upload(upload.pk))
    address = call.request.path.rstrip("/") + f"/{upload.pk}"
    return HttpResponse(status=201, headers={**headers, "Location": address})


async def show_offset(call: Call, person: User) -> HttpResponse:
    """HEAD: return the offset of an upload.

    One that lost its server at the end is ingested now.
    """
    upload: Upload = await run(find_upload, call, person)
    offset = count_bytes(upload)
    if upload.length == offset and upload.finished_at is None:
        with suppress(UploadLocked), resumable_uploads.UploadFile(upload) as file:
            await run(resumable_uploads.store_progress, upload, file.offset)
        upload = await run(find_upload, call, person)
    return HttpResponse(headers=describe_upload(upload, offset))


async def show(call: Call, person: User) -> HttpResponse:
    """GET: the state of an upload as JSON."""
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
    """DELETE: remove an upload.

    A part of a recording goes with the recording.
    """
    upload: Upload = await run(find_upload, call, person)
    if upload.recording_id is not None:
        raise ProblemError(standard_problem("permission_denied", detail="Delete the recording that this is a part of."))
    await run(resumable_uploads.remove_upload, upload)
    return HttpResponse(status=204)


async def append(call: Call, person: User) -> HttpResponse:
    """PATCH: add to an upload where it ends.

    It is ingested when it is whole.
    """
    if call.headers.get("content-type") != tus_headers.PIECE_TYPE:
        words = f"Send pieces as {tus_headers.PIECE_TYPE}."
        raise ProblemError(standard_problem("unsupported_media_type", detail=words))
    offset, length = (tus_headers.read_number(call.headers, name) for name in ("Upload-Offset", "Upload-Length"))
    checksum = tus_headers.read_checksum(call.headers)
    upload: Upload = await run(find_upload, call, person)
    if upload.finished_at is not None:
        return await answer_finished(call, upload, offset)
    with resumable_uploads.UploadFile(upload) as file:
        if offset != file.offset:
            raise ProblemError(describe_mismatch(file.offset))
        if length is not None:
            await run(resumable_uploads.set_length, upload, length, file.offset)
            file.limit = length
        await run(resumable_uploads.check_open_end, upload, file.offset)
        try:
            await (write_verified(call, file, checksum) if checksum else write(call, file))
        finally:
            job = await run(resumable_uploads.store_progress, upload, file.offset)
    headers = describe_upload(upload, file.offset)
    return HttpResponse(status=204, headers={**headers, **({"X-Job-Id": str(job.pk)} if job else {})})


async def answer_finished(call: Call, upload: Upload, offset: int | None) -> HttpResponse:
    """Answer the last request of a finished upload once more.

    Anything else would add to what is finished.

    Raises:
        ProblemError: the offset is not the end.
        RecordingClosed: there are bytes, which would be lost.
    """
    if offset != upload.length:
        raise ProblemError(describe_mismatch(cast("int", upload.length)))
    async for batch in call.read_batches():
        if batch:
            raise RecordingClosed
    return HttpResponse(status=204, headers=describe_upload(upload, offset or 0))


async def write(call: Call, file: resumable_uploads.UploadFile) -> None:
    """Append a body as it comes.

    What came before an error is kept.

    Raises:
        RequestAborted: the sender went away.
        JobError: the upload is refused.
        OSError: the disk is full.
    """
    next_look = file.offset
    async for batch in call.read_batches():
        if file.offset >= next_look:
            await asyncio.to_thread(storage.check_free_space)
            await run(resumable_uploads.check_open_end, file.upload, file.offset)
            next_look = file.offset + LOOK_BYTES
        if batch:
            await asyncio.to_thread(file.append, batch)
    if file.offset == file.upload.length:
        await asyncio.to_thread(file.sync)


async def write_verified(call: Call, file: resumable_uploads.UploadFile, checksum: tus_headers.Checksum) -> None:
    """Append a piece once it is whole and right.

    After an error nothing of it is kept.

    Raises:
        RequestAborted: the sender went away.
        JobError: the piece is refused.
        OSError: the disk is full.
    """
    batches: list[bytes] = []
    size = 0
    async for batch in call.read_batches():
        size += len(batch)
        if size > conf.MAX_PIECE_BYTES:
            raise PieceTooLarge
        batches.append(batch)
    data = b"".join(batches)
    await asyncio.to_thread(partial(append_verified, file, data, checksum))


def append_verified(file: resumable_uploads.UploadFile, data: bytes, checksum: tus_headers.Checksum) -> None:
    """Verify a piece, append it and sync it to disk."""
    checksum.check(data)
    storage.check_free_space()
    file.append(data)
    file.sync()


def describe_mismatch(offset: int) -> Problem:
    """Return the problem of a wrong offset.

    `offset` is where the upload ends.
    """
    problem = describe_job_error(UploadOffsetMismatch())
    extras = {**problem.extras, "offset": offset}
    return Problem(problem.status, problem.code, problem.detail, extras=extras, headers={"Upload-Offset": str(offset)})


def count_bytes(upload: Upload) -> int:
    """Return the number of bytes of an upload.

    Those of an ingested one lie elsewhere.
    """
    is_moved = upload.finished_at is not None
    return upload.received_bytes if is_moved else storage.measure_upload(upload.pk)


def describe_upload(upload: Upload, offset: int) -> dict[str, str]:
    """Return the headers with the state of an upload."""
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
