"""Rows that workers claim under a lease: model, filters and fenced writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from django.db import models
from django.db.models import F, Q

from foundation.database.clock import now_in_database
from foundation.database.clusters import build_token

TOKEN_LENGTH = 80
WAITING = "waiting"
FAILED = "failed"


class LeaseLost(Exception):
    """A worker no longer holds its row.

    What it would write is refused.
    """


class IsOpen(models.Func):
    """Whether a row waits or is held, as its index says.

    SQLite uses a partial index only for a query that repeats its condition with constants. A filter on the state sends
    parameters, and would read all rows, ended ones too.
    """

    output_field = models.BooleanField()

    def __init__(self, held: str) -> None:
        super().__init__(F("state"), template=f"%(expressions)s IN ('{WAITING}', '{held}')")


class LeasedQuerySet(models.QuerySet["Row"]):
    """Filters of leased rows by their state and lease."""

    def open(self) -> Self:
        """Return the rows that wait or are held, by their partial index."""
        return self.filter(IsOpen(self.model.HELD))

    def waiting(self) -> Self:
        """Return the rows that wait to be claimed, now or later."""
        return self.open().filter(state=WAITING)

    def due(self) -> Self:
        """Return the rows that may be claimed now."""
        return self.waiting().filter(runnable_at__lte=now_in_database())

    def held(self) -> Self:
        """Return the rows that a worker holds.

        Rows of a dead worker are among them until the reaper takes them back.
        """
        return self.open().filter(state=self.model.HELD)

    def expired(self, longest_seconds: float | None = None) -> Self:
        """Return the held rows whose lease has expired or cannot be right.

        A lease that ends later than `longest_seconds` from now was written by a wrong clock.
        """
        ended = Q(lease_expires_at__lt=now_in_database())
        if longest_seconds is not None:
            ended |= Q(lease_expires_at__gt=now_in_database(longest_seconds))
        return self.held().filter(ended)

    def held_by(self, lease: Lease[Any]) -> Self:
        """Return the row of a lease, none once the lease is lost."""
        return self.filter(pk=lease.row.pk, state=self.model.HELD, claimed_by=lease.token, attempts=lease.attempt)


class LeasedRow(models.Model):
    """A row that a worker claims, and then holds under a lease.

    `claimed_by` names the holder, `attempts` is the fencing number, and `lease_expires_at` says until when.
    `claimed_by` and `claimed_at` stay after the lease, as a sign that the cluster lives. All times are the database's.

    A model adds `state`, with the values WAITING, HELD and FAILED and those in which it ends, and an index with the
    condition `state IN (WAITING, HELD)`.
    """

    HELD: ClassVar[str] = "running"

    state: models.CharField[str, str]
    runnable_at = models.DateTimeField(
        null=True, help_text="Database time from which it may be claimed; none while it may not."
    )
    attempts = models.PositiveIntegerField(default=0, help_text="How many times it was claimed.")
    claimed_by = models.CharField(max_length=TOKEN_LENGTH, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def rows(cls) -> LeasedQuerySet[Self]:
        """Return all rows, also those that the model's own manager leaves out."""
        return LeasedQuerySet(cls)


Row = TypeVar("Row", bound=LeasedRow)


@dataclass(frozen=True, slots=True)
class Lease(Generic[Row]):
    """The right to work on one row, fenced by token and attempt.

    `row` is the row as it was claimed.
    """

    row: Row
    token: str
    attempt: int

    def write(self, **fields: Any) -> None:
        """Update the row if the lease still holds.

        The update locks the row, so the lease holds until the transaction ends.

        Raises:
            LeaseLost: the row was taken over, ended or deleted.
        """
        if type(self.row).rows().held_by(self).update(**fields) != 1:
            raise LeaseLost

    def check(self) -> None:
        """Verify that the lease still holds.

        Raises:
            LeaseLost: it does not.
        """
        if not type(self.row).rows().held_by(self).exists():
            raise LeaseLost

    def renew(self, seconds: float, **fields: Any) -> None:
        """Extend the lease to `seconds` from now.

        Raises:
            LeaseLost: the row was taken over, ended or deleted.
        """
        self.write(lease_expires_at=now_in_database(seconds), **fields)

    def end(self, state: str, **fields: Any) -> None:
        """Put the row into `state`, in which nothing is left to do.

        Raises:
            LeaseLost: the row was taken over, ended or deleted.
        """
        self.write(state=state, lease_expires_at=None, **fields)

    def reschedule(self, delay_seconds: float, **fields: Any) -> None:
        """Make the row due again after `delay_seconds`; its attempt counts.

        Raises:
            LeaseLost: the row was taken over, ended or deleted.
        """
        due = {"runnable_at": now_in_database(delay_seconds)}
        self.write(state=WAITING, lease_expires_at=None, **(due | fields))

    def release(self, delay_seconds: float = 0.0, **fields: Any) -> None:
        """Make the row due again after `delay_seconds`; its attempt does not count.

        Raises:
            LeaseLost: the row was taken over, ended or deleted.
        """
        self.reschedule(delay_seconds, attempts=self.attempt - 1, **fields)


def claim_row(row: Row, lease_seconds: float, **fields: Any) -> Lease[Row] | None:
    """Claim a waiting row, or return None when another claim was first.

    The lease ends `lease_seconds` from now.
    """
    token = build_token()
    unclaimed = type(row).rows().filter(pk=row.pk, state=WAITING, attempts=row.attempts)
    claimed = unclaimed.update(
        state=row.HELD,
        attempts=F("attempts") + 1,
        claimed_by=token,
        claimed_at=now_in_database(),
        lease_expires_at=now_in_database(lease_seconds),
        **fields,
    )
    if not claimed:
        return None
    row.attempts += 1
    return Lease(row, token, row.attempts)
