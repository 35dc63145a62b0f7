"""The headers of tus requests read without side effects."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ValidationError

from foundation.problems import ProblemError, ProblemRow
from jobs.domain.intake.resumable_uploads import NewUpload
from jobs.errors import ChecksumMismatch
from jobs.validators import validate_language

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1", "md5")
PIECE_TYPE = "application/offset+octet-stream"
MAX_METADATA = 4096
MOST_DIGITS = 15
MOST_PARTS = 100_000
HEADER_INVALID = ProblemRow(
    "upload_header_invalid",
    400,
    "",
    "A header of a resumable upload says nothing sensible.",
    "`header` names it; see [tus 1.0](https://tus.io/protocols/resumable-upload).",
)


@dataclass(frozen=True, slots=True)
class Checksum:
    """The sender's digest of a piece."""

    algorithm: str
    digest: bytes

    def check(self, data: bytes) -> None:
        """Compare the digest with that of `data`.

        Raises:
            ChecksumMismatch: they differ.
        """
        if hashlib.new(self.algorithm, data, usedforsecurity=False).digest() != self.digest:
            raise ChecksumMismatch


def refuse(header: str, words: str) -> ProblemError:
    """Return the error for a malformed header."""
    return ProblemError(HEADER_INVALID.build(detail=f"{header}: {words}", extras={"header": header}))


def read_number(headers: Mapping[str, str], name: str) -> int | None:
    """Return the header `name` as a number of bytes, or None.

    Raises:
        ProblemError: it is no number.
    """
    text = headers.get(name.lower())
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise refuse(name, "this is no number of bytes.")
    return int(text)


def read_length(headers: Mapping[str, str]) -> int | None:
    """Return the length of a new upload, None when it comes later.

    Raises:
        ProblemError: the headers contradict each other.
    """
    length, deferred = read_number(headers, "Upload-Length"), headers.get("upload-defer-length")
    if (length is None) != (deferred == "1") or deferred not in {None, "1"}:
        raise refuse("Upload-Length", "say either how many bytes come, or Upload-Defer-Length: 1.")
    return length


def read_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the decoded pairs of Upload-Metadata.

    Raises:
        ProblemError: the header is too long or no base64.
    """
    text = headers.get("upload-metadata", "")
    if len(text) > MAX_METADATA:
        raise refuse("Upload-Metadata", "this is too long.")
    pairs = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = item.partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise refuse("Upload-Metadata", f"{key} is not text in base64.") from error
    return pairs


def read_new_upload(headers: Mapping[str, str]) -> NewUpload:
    """Return the new upload that a POST describes.

    Raises:
        ProblemError: a header makes no sense.
    """
    pairs = read_metadata(headers)
    recording, part = pairs.get("recording"), pairs.get("part", "0")
    if not (part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS and int(part) < MOST_PARTS):
        raise refuse("Upload-Metadata", "part is no number.")
    return NewUpload(
        length=read_length(headers),
        name=pairs.get("filename", ""),
        title=pairs.get("title", ""),
        language=read_language(pairs),
        metadata=headers.get("upload-metadata", ""),
        recording_id=read_id(recording) if recording is not None else None,
        part=int(part),
    )


def read_language(pairs: Mapping[str, str]) -> str:
    """Return the code of the spoken language, empty for detection.

    Raises:
        ProblemError: it is no code of a language.
    """
    language = pairs.get("language", "")
    try:
        if language:
            validate_language(language)
    except ValidationError as error:
        raise refuse("Upload-Metadata", " ".join(error.messages)) from error
    return language


def read_id(text: str) -> UUID:
    """Return the id of a recording.

    Raises:
        ProblemError: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise refuse("Upload-Metadata", "recording is no id.") from error


def read_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return the digest of a piece, None when there is none.

    Raises:
        ProblemError: the algorithm or the digest is not known.
    """
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise refuse("Upload-Checksum", f"use one of {', '.join(ALGORITHMS)}.")
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise refuse("Upload-Checksum", "the digest is not base64.") from error
