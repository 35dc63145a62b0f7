"""The messages between worker and child process.

Each is one line with one JSON object.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.codec import from_dict, to_dict
from engine.types import ChunkPlan

# A longer request would not fit the buffer of a pipe, and sending it could block.
MAX_REQUEST_BYTES = 64 * 1024
# The plan of a day of audio with a pause every second is about 4 MB. A longer answer is an error.
MAX_ANSWER_BYTES = 16 * 1024 * 1024


class ProtocolError(Exception):
    """A line is too long or is no known message."""


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """Probe and decode `source` into `working_copy`, find speech and plan chunks."""

    source: Path
    working_copy: Path
    language: str | None
    max_seconds: float
    timeout: float


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Put the parts of a recording together into `target`."""

    parts: tuple[Path, ...]
    target: Path
    timeout: float


@dataclass(frozen=True, slots=True)
class TranscribeRequest:
    """Transcribe one chunk of `working_copy`."""

    working_copy: Path
    chunk: ChunkPlan
    language: str | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Seconds of audio done within the request so far."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The request is done; `value` is the encoded answer."""

    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """The request failed with the engine error of this code."""

    code: str
    detail: str


Request = JoinRequest | PrepareRequest | TranscribeRequest
Answer = Progress | Result | Failure

REQUESTS: dict[str, type[Request]] = {
    "join": JoinRequest,
    "prepare": PrepareRequest,
    "transcribe": TranscribeRequest,
}
ANSWERS: dict[str, type[Answer]] = {"progress": Progress, "result": Result, "error": Failure}
_KINDS = {kind: name for names in (REQUESTS, ANSWERS) for name, kind in names.items()}


def encode(message: Request | Answer) -> bytes:
    """Return the message as one line.

    Raises:
        ProtocolError: it is over its limit.
    """
    line = json.dumps({"kind": _KINDS[type(message)], **to_dict(message)}, separators=(",", ":")).encode() + b"\n"
    if len(line) > (MAX_REQUEST_BYTES if isinstance(message, Request) else MAX_ANSWER_BYTES):
        raise ProtocolError(f"a message of {len(line)} bytes is too long")
    return line


def decode_request(line: bytes) -> Request:
    """Read one request.

    Raises:
        ProtocolError: the line is none.
    """
    message: Request = _decode(REQUESTS, line)
    return message


def decode_answer(line: bytes) -> Answer:
    """Read one answer.

    Raises:
        ProtocolError: the line is none.
    """
    message: Answer = _decode(ANSWERS, line)
    return message


def _decode(kinds: dict[str, type[Any]], line: bytes) -> Any:
    try:
        data = json.loads(line)
        return from_dict(kinds[data["kind"]], data)
    except (ValueError, TypeError, KeyError) as error:
        raise ProtocolError(f"not a message: {line[:80]!r}") from error
