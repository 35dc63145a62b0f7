"""Sends audio, whole or as a range.

It is sent block by block; memory stays flat at any length.
"""

from __future__ import annotations

import asyncio
from datetime import UTC
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date
from httprange import ByteRange, RangeDecision, RangePolicy, evaluate_range_request

from foundation.problems import ProblemError, ProblemRow
from jobs.errors import AudioMissing, RecordingNotJoined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from django.core.files import File
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from jobs.models import Recording

BLOCK_BYTES = 256 * 1024
# A request for several ranges gets the whole: players ask for one, and an answer in several parts is not worth its
# code.
ONE_RANGE = RangePolicy(max_ranges=1)
SAFE_KINDS = ("audio/", "video/")
# For files that came without one: the usual suffix of each type that the probe finds.
SUFFIXES = {
    "audio/wav": ".wav",
    "audio/x-w64": ".w64",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "video/ogg": ".ogv",
    "audio/aiff": ".aiff",
    "audio/x-caf": ".caf",
    "audio/basic": ".au",
    "audio/amr": ".amr",
    "audio/x-ms-wma": ".wma",
    "video/x-ms-wmv": ".wmv",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "audio/webm": ".webm",
    "video/webm": ".webm",
    "audio/x-matroska": ".mka",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/x-flv": ".flv",
    "video/mpeg": ".mpg",
    "video/mp2t": ".ts",
}
UNKNOWN_TYPE = "application/octet-stream"
OUTSIDE = ProblemRow(
    "range_not_satisfiable",
    416,
    "",
    "The audio is shorter than the part you asked for.",
    "The `Content-Range` header has its size in bytes.",
)


def build_audio_response(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """Answer GET or HEAD with the audio of `recording`.

    The status is 200, 206, 304 or 412.

    Raises:
        RecordingNotJoined: its parts are not one file yet.
        AudioMissing: the stored file is gone.
        ProblemError: 416, nothing of the range exists.
    """
    etag, modified = f'"{recording.sha256}"', recording.created_at.astimezone(UTC).replace(microsecond=0)
    decision = decide_range(request, measure_audio(recording), etag, modified)
    response = build_body(request, recording, decision)
    for name, value in describe_audio(recording, decision).items():
        response[name] = value
    response["ETag"], response["Last-Modified"] = etag, http_date(modified.timestamp())
    # Only status and headers are looked at, which a streaming response has like any other.
    whole = cast("HttpResponse", response)
    return get_conditional_response(request, etag, int(modified.timestamp()), whole) or whole


def measure_audio(recording: Recording) -> int:
    """Return the bytes that are stored.

    Raises:
        RecordingNotJoined: its parts are not one file yet.
        AudioMissing: the stored file is gone.
    """
    if not recording.audio:
        raise RecordingNotJoined
    try:
        return recording.audio.size
    except FileNotFoundError as error:
        raise AudioMissing from error


def decide_range(request: HttpRequest, size: int, etag: str, modified: datetime) -> RangeDecision:
    """Return which bytes to send (RFC 9110, sections 13.1.5 and 14.2).

    Raises:
        ProblemError: 416, nothing of the range exists.
    """
    decision = evaluate_range_request(
        method=request.method or "GET",
        range_header=request.headers.get("Range"),
        length=size,
        if_range=request.headers.get("If-Range"),
        etag=etag,
        last_modified=modified,
        policy=ONE_RANGE,
        on_excessive="ignore",
    )
    if decision.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        headers = {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        raise ProblemError(OUTSIDE.build(headers=headers))
    return decision


def build_body(
    request: HttpRequest, recording: Recording, decision: RangeDecision
) -> HttpResponse | StreamingHttpResponse:
    """Return the response without its headers.

    Django streams only what fits the server's own way of waiting.
    """
    if request.method == "HEAD" or not decision.length:
        return HttpResponse(status=decision.status)
    pieces = stream_blocks if isinstance(request, ASGIRequest) else read_blocks
    return StreamingHttpResponse(pieces(recording, get_span(decision)), status=decision.status)


def get_span(decision: RangeDecision) -> ByteRange:
    """Return the bytes to send of non-empty audio."""
    return decision.ranges[0] if decision.ranges else ByteRange(0, decision.length - 1)


def describe_audio(recording: Recording, decision: RangeDecision) -> dict[str, str]:
    """Return the headers that say what the body is.

    They keep browsers from taking it for something else.
    """
    known = recording.media_type.startswith(SAFE_KINDS)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Length": str(get_span(decision).length if decision.length else 0),
        "Content-Type": recording.media_type if known else UNKNOWN_TYPE,
        "Content-Disposition": content_disposition_header(False, build_file_name(recording)) or "inline",
        "X-Content-Type-Options": "nosniff",
    }
    if decision.content_range:
        headers["Content-Range"] = decision.content_range
    return headers


def build_file_name(recording: Recording, suffix: str = "") -> str:
    """Return a file name made of the title.

    Characters that mean a folder on any system are replaced. `suffix` is the audio's own by default.
    """
    stem = recording.title.translate(str.maketrans('/\\:*?"<>|', "---------")).lstrip(".").strip() or "recording"
    return stem + (suffix or PurePath(recording.audio.name or "").suffix or SUFFIXES.get(recording.media_type, ""))


def open_audio(recording: Recording) -> File[bytes]:
    """Return the stored file for the caller to close."""
    return recording.audio.storage.open(recording.audio.name or "", "rb")


def read_blocks(recording: Recording, span: ByteRange) -> Iterator[bytes]:
    """Yield the bytes of `span`.

    For servers that have a thread for each request.
    """
    with open_audio(recording) as file:
        file.seek(span.first)
        left = span.length
        while left and (piece := file.read(min(BLOCK_BYTES, left))):
            left -= len(piece)
            yield piece


async def stream_blocks(recording: Recording, span: ByteRange) -> AsyncIterator[bytes]:
    """Yield the bytes of `span` without blocking the server's loop."""
    file = await asyncio.to_thread(open_audio, recording)
    try:
        file.seek(span.first)
        left = span.length
        while left and (piece := await asyncio.to_thread(file.read, min(BLOCK_BYTES, left))):
            left -= len(piece)
            yield piece
    finally:
        file.close()
