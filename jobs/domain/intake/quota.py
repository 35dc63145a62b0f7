"""The quota of one person in bytes and in hours."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Greatest

from jobs import conf
from jobs.domain.base import storage
from jobs.errors import QuotaExceeded
from jobs.models import Recording, Upload
from jobs.states import RecordingState

if TYPE_CHECKING:
    from accounts.models import User

# Below this time, or this share of the quota, the page says that little is left.
SCARCE_SECONDS = 10 * 3600
SCARCE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Quota:
    """What a person keeps and may keep.

    A limit is None where there is none. `seconds_left_by_disk` is what the free disk would still hold, at the bytes
    that a second usually takes.
    """

    bytes_used: int
    bytes_limit: int | None
    seconds_used: float
    seconds_limit: float | None
    seconds_left_by_disk: float
    max_upload_bytes: int

    @property
    def is_disk_scarce(self) -> bool:
        """Whether the free space is good for a few hours at most."""
        return self.seconds_left_by_disk < SCARCE_SECONDS

    @property
    def is_scarce(self) -> bool:
        """Whether little is left of what may be kept."""
        pairs = ((self.bytes_used, self.bytes_limit), (self.seconds_used, self.seconds_limit))
        return any(limit is not None and used > limit * (1 - SCARCE_SHARE) for used, limit in pairs)


def measure_quota(owner: "User") -> Quota:
    """Return the quota of `owner`.

    Recordings count, and unfinished uploads at their announced length.
    """
    kept = Recording.objects.filter(owner=owner).aggregate(bytes=Sum("bytes"), seconds=Sum("seconds"))
    # The bytes of a recording are stored when it is finished; until then those of its parts count, finished or not.
    is_waiting = Q(finished_at=None) | Q(recording__state=RecordingState.RECEIVING)
    waiting = Upload.objects.filter(is_waiting, owner=owner).aggregate(
        bytes=Sum(Greatest(Coalesce(F("length"), F("received_bytes")), F("received_bytes")))
    )
    return Quota(
        bytes_used=(kept["bytes"] or 0) + (waiting["bytes"] or 0),
        bytes_limit=conf.get_quota_bytes(),
        seconds_used=kept["seconds"] or 0.0,
        seconds_limit=conf.get_quota_seconds(),
        seconds_left_by_disk=measure_free_seconds(),
        max_upload_bytes=conf.get_max_upload_bytes(),
    )


def describe_quota(owner: "User") -> Quota | None:
    """Return the quota of `owner` if it is worth showing.

    None without limits while the disk has free space for hours.
    """
    if conf.get_quota_bytes() is None and conf.get_quota_seconds() is None:
        free = measure_free_seconds()
        return measure_quota(owner) if free < SCARCE_SECONDS else None
    return measure_quota(owner)


def measure_free_seconds() -> float:
    """Return the seconds of audio that the free disk would hold.

    At the bytes that a second usually takes.
    """
    free = storage.measure_free_bytes() - conf.get_min_free_bytes()
    return max(0, free) / conf.USUAL_BYTES_PER_SECOND


def check_quota(owner: "User", more_bytes: int = 0) -> None:
    """Refuse bytes beyond the quota, or anything after the hours.

    Raises:
        QuotaExceeded: `more_bytes` are too many, or the hours are used up.
    """
    if conf.get_quota_bytes() is None and conf.get_quota_seconds() is None:
        return
    quota = measure_quota(owner)
    if quota.bytes_limit is not None and quota.bytes_used + more_bytes > quota.bytes_limit:
        raise QuotaExceeded
    if quota.seconds_limit is not None and quota.seconds_used >= quota.seconds_limit:
        raise QuotaExceeded
