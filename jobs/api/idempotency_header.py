"""Reads the header Idempotency-Key.

By it a client says that it sends the same again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jobs.domain.intake.idempotency import KeyedRequest, check_key, hash_request

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.models import User

FIELDS = ("recording", "title", "language", "source", "force")


def read_keyed_request(request: Request, data: dict[str, Any]) -> KeyedRequest | None:
    """Return the submission under its key or None.

    `data` are its fields as validated. The name of the file is not looked at, nor how the body was put together.

    Raises:
        IdempotencyKeyInvalid: the key is malformed.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    check_key(key)
    fields = {name: str(data.get(name, "")) for name in FIELDS}
    audio = data["audio"].sha256 if "audio" in data else ""
    return KeyedRequest(cast("User", request.user), key, hash_request({**fields, "audio": audio}))
