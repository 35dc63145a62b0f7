"""Queues of leased rows: workers claim them, a reaper recovers lost ones.

A kind of work is a model, a policy and a function: `register(LeasedQueue(Export, POLICY, write_export))` in the app's
`ready()`. Workers are woken for it by `wake_workers(Export)`, and the supervisor's reaper looks after it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Generic

from django.db import transaction

from foundation.database import outage, wakeup
from foundation.database.clock import now_in_database
from foundation.database.clusters import get_worker_count, is_stopping
from foundation.database.leased_rows import FAILED, WAITING, Lease, LeaseLost, Row, claim_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from foundation.database.leased_rows import LeasedQuerySet, LeasedRow
    from foundation.database.retry_policy import RetryPolicy

logger = logging.getLogger(__name__)

# After this long a task returns to the broker, so that other kinds of work are claimed too.
CLAIM_SECONDS = 30.0
# A lease or a wait that exceeds the longest regular one by this much was written by a wrong clock, and is ended.
CLOCK_MARGIN_SECONDS = 5.0
# While the broker's queue is never empty, workers are woken for due rows only after this long without a wake-up.
WAKE_AGAIN_SECONDS = 15.0

QUEUES: dict[str, LeasedQueue[Any]] = {}


class LeasedQueue(Generic[Row]):
    """The work of one kind, in rows of `model` that `work` does.

    When `work` returns, the row becomes DONE. When `work` raises an error, the row is tried again as `policy` says, and
    fails at the last try. Subclasses change the order, or what is written beside a row.
    """

    DONE = "done"

    def __init__(
        self, model: type[Row], policy: RetryPolicy | None = None, work: Callable[[Lease[Row]], None] | None = None
    ) -> None:
        self.model, self._policy, self._work = model, policy, work
        self._woken_at: float | None = None

    @property
    def policy(self) -> RetryPolicy:
        """How often a row is tried.

        Subclasses that pass none to `__init__` override this.
        """
        if self._policy is None:
            raise NotImplementedError
        return self._policy

    def work(self, lease: Lease[Row]) -> None:
        """Do one row.

        Subclasses that pass no function to `__init__` override `run`.
        """
        if self._work is None:
            raise NotImplementedError
        self._work(lease)

    def choose(self) -> Row | None:
        """Return the row that is due for longest.

        Rows that another claim locks are skipped.
        """
        due = self.model.rows().due().order_by("runnable_at", "pk")
        return due.select_for_update(skip_locked=True, of=("self",)).first()

    def claim(self) -> Lease[Row] | None:
        """Claim the next row, or return None when nothing is due.

        PostgreSQL skips rows that another claim holds; SQLite's IMMEDIATE transactions run one claim at a time.
        """
        with transaction.atomic():
            row = self.choose()
            return None if row is None else claim_row(row, self.policy.lease_seconds)

    def work_for(self, seconds: float) -> int:
        """Claim and do rows for `seconds`, or until none is due.

        A wake-up for the rest is then sent, behind those of other kinds.

        Returns:
            How many rows were claimed.
        """
        deadline, claimed = time.monotonic() + seconds, 0
        while time.monotonic() < deadline and not is_stopping():
            lease = self.claim_or_wait()
            if lease is None:
                return claimed
            claimed += 1
            self.run(lease)
        if claimed and not is_stopping():
            wakeup.send_wakeups(self.model)
        return claimed

    def claim_or_wait(self) -> Lease[Row] | None:
        """Claim the next row, or none while the database does not answer."""
        try:
            return self.claim()
        except outage.OUTAGES as error:
            logger.warning("the database does not answer; nothing is claimed: %s", error)
            outage.drop_connection()
            return None

    def run(self, lease: Lease[Row]) -> None:
        """Do one claimed row, and settle it even after an error."""
        try:
            self.work(lease)
            outage.survive_outage(lambda: lease.end(self.DONE))
        except LeaseLost:
            logger.info("lease lost on %s", lease.row)
        except Exception:
            logger.exception("%s failed at try %s", lease.row, lease.attempt)
            self.settle_failure(lease)

    def settle_failure(self, lease: Lease[Row]) -> None:
        """Reschedule the row, or fail it after its last try."""
        try:
            if self.policy.is_last(lease.attempt):
                outage.survive_outage(lambda: lease.end(FAILED))
            else:
                outage.survive_outage(lambda: lease.reschedule(self.policy.choose_delay(lease.attempt)))
        except LeaseLost:
            logger.info("lease lost on %s", lease.row)

    def reap(self) -> object:
        """Repair waits, take back expired rows and wake workers for due ones."""
        self.repair_waits()
        self.take_back_expired()
        return self.wake_for_due()

    def repair_waits(self) -> int:
        """Make rows due that wait too long, and return their number.

        They wait for longer than the longest delay: a clock was wrong when they were written.
        """
        longest = now_in_database(self.policy.longest_delay + CLOCK_MARGIN_SECONDS)
        return self.model.rows().waiting().filter(runnable_at__gt=longest).update(runnable_at=now_in_database())

    def take_back_expired(self) -> int:
        """Take back the rows whose lease has expired, and return their number."""
        return sum(self.take_back(self.build_lease(row)) for row in self.select_expired())

    def select_expired(self) -> LeasedQuerySet[Row]:
        """Return the rows whose lease has expired."""
        return self.model.rows().expired(self.policy.lease_seconds + CLOCK_MARGIN_SECONDS)

    def build_lease(self, row: Row) -> Lease[Row]:
        """Return the lease under which a row is held."""
        return Lease(row, row.claimed_by, row.attempts)

    def take_back(self, lease: Lease[Row]) -> bool:
        """Make the row due, or fail it after its last try.

        Returns:
            False if the lease was renewed, or another reaper was first.
        """
        is_last = self.policy.is_last(lease.attempt)
        fields = {"state": FAILED} if is_last else {"state": WAITING, "runnable_at": now_in_database()}
        try:
            with transaction.atomic():
                self.lock(lease)
                held = self.model.rows().held_by(lease).filter(lease_expires_at=lease.row.lease_expires_at)
                if not held.update(lease_expires_at=None, **fields, **self.get_returned_fields()):
                    return False
                self.on_taken_back(lease, is_last=is_last)
        except LeaseLost:
            return False
        return True

    def lock(self, lease: Lease[Row]) -> None:
        """Lock what must be locked before a row that is taken back.

        Raises:
            LeaseLost: what it would lock is gone.
        """

    def get_returned_fields(self) -> dict[str, Any]:
        """Return further fields to write into a row that is taken back."""
        return {}

    def on_taken_back(self, lease: Lease[Row], *, is_last: bool) -> None:
        """Write what belongs to a row that is taken back.

        This runs in the same transaction.
        """

    def select_due(self) -> LeasedQuerySet[Row]:
        """Return the rows for which workers are woken."""
        return self.model.rows().due()

    def wake_for_due(self) -> int:
        """Wake workers for due rows, and return the number of wake-ups.

        These are rows to be tried again, and rows whose wake-up or worker was lost. While the broker has messages no
        wake-ups are sent, since each message starts a worker that looks for rows. After WAKE_AGAIN_SECONDS they are
        sent all the same: the messages may be of other kinds.
        """
        limit = get_worker_count()
        number = self.select_due().order_by()[:limit].count()
        if not number or not self.may_wake():
            return 0
        self._woken_at = time.monotonic()
        wakeup.send_wakeups(self.model, number)
        return number

    def may_wake(self) -> bool:
        """Whether the broker is empty, or the last wake-up is WAKE_AGAIN_SECONDS old."""
        is_long_ago = self._woken_at is not None and time.monotonic() - self._woken_at > WAKE_AGAIN_SECONDS
        return is_long_ago or not wakeup.count_messages()


def register(queue: LeasedQueue[Any]) -> None:
    """Add a kind of work for the workers and the reaper."""
    QUEUES[wakeup.get_queue_name(queue.model)] = queue


def find_queue(model: type[LeasedRow]) -> LeasedQueue[Any]:
    """Return the queue of a model's rows."""
    return QUEUES[wakeup.get_queue_name(model)]


def reap_all() -> None:
    """Reap the queue of each kind of work.

    An error in one of them does not stop the others.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    for name, queue in QUEUES.items():
        try:
            queue.reap()
        except outage.OUTAGES:
            raise
        except Exception:
            logger.exception("the reaper of %s failed; it tries again", name)
