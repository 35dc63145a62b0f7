"""Idempotency keys: a repeated request finds its first job."""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from foundation.database.clock import now_in_database
from jobs import conf
from jobs.errors import IdempotencyKeyInvalid, IdempotencyKeyReused, JobDeleted
from jobs.models import Job
from jobs.models.idempotency_key import KEY_LENGTH, IdempotencyKey

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request under its sender's key.

    `fingerprint` distinguishes it from others under the same key.
    """

    owner: "User"
    key: str
    fingerprint: str


class AlreadySubmitted(Exception):
    """The request has made a job already."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__(str(job_id))
        self.job_id = job_id


def check_key(key: str) -> None:
    """Refuse a malformed key.

    Raises:
        IdempotencyKeyInvalid: it is empty, longer than 255 characters, or not printable ASCII.
    """
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid


def hash_request(fields: dict[str, str]) -> str:
    """Return a hash of a request's fields.

    Its file is among them as the SHA-256 of its bytes.
    """
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def check_request(request: KeyedRequest) -> None:
    """Check that `request` is the first under its key.

    Raises:
        AlreadySubmitted: it is not, and its job is there.
        JobDeleted: it is not, and its job was deleted.
        IdempotencyKeyReused: another request was sent under this key.
    """
    kept = IdempotencyKey.objects.filter(
        owner=request.owner, key=request.key, created_at__gt=now_in_database(-conf.IDEMPOTENCY_KEY_SECONDS)
    ).first()
    if kept is None:
        return
    if kept.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    if kept.job_id is None:
        raise JobDeleted
    raise AlreadySubmitted(kept.job_id)


def keep_request(request: KeyedRequest, job: Job) -> None:
    """Keep the job of `request` in the transaction that makes it.

    To be called while the owner's row is locked, and after a check under that lock: a simultaneous duplicate then waits
    there, and what is left under this key has expired.
    """
    IdempotencyKey.objects.filter(owner=request.owner, key=request.key).delete()
    IdempotencyKey.objects.create(
        owner=request.owner, key=request.key, fingerprint=request.fingerprint, job=job, created_at=now_in_database()
    )


def remove_expired_keys() -> int:
    """Delete the keys that are no longer read; return their number."""
    expired = IdempotencyKey.objects.filter(created_at__lte=now_in_database(-conf.IDEMPOTENCY_KEY_SECONDS))
    return expired.delete()[0]
