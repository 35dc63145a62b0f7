"""The beat of a worker at work: keeps its lease alive, and notices when it has to let go."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from foundation.database import outage
from foundation.database.clusters import is_stopping
from jobs import conf
from jobs.domain.queue import leases

logger = logging.getLogger(__name__)


class StopRequested(Exception):
    """This worker's cluster is stopping; the step goes back uncounted."""


@dataclass(slots=True)
class Heartbeat:
    """Called while the engine works; `seconds` is how much audio the step has, if that can tell when it will be done."""

    lease: leases.Lease
    seconds: float = 0.0
    report: Callable[[], None] | None = None
    check_space: Callable[[], None] | None = None
    started_at: float = field(default_factory=time.monotonic)
    checked_at: float = field(default_factory=time.monotonic)
    renewed_at: float = field(default_factory=time.monotonic)
    stop_seen_at: float | None = None
    seconds_done: float = 0.0

    def __call__(self, seconds_done: float) -> None:
        """Check the lease each second; renew it every three, and whenever more audio is done.

        While the database is away the work goes on: if somebody else has the step by then, the next beat tells.

        Raises:
            LeaseLost: the step is no longer ours.
            StopRequested: the cluster is stopping, and the step would take too long.
            DiskFull: by `check_space`, if one was given.
        """
        now = time.monotonic()
        if now - self.checked_at < conf.CHECK_SECONDS:
            return
        self.checked_at = now
        if self.must_stop(now, seconds_done):
            raise StopRequested
        if self.check_space is not None:
            self.check_space()
        try:
            self.keep_lease(now, seconds_done)
        except outage.OUTAGES as error:
            logger.warning("the database does not answer; working on: %s", error)
            outage.drop_connection()

    def keep_lease(self, now: float, seconds_done: float) -> None:
        """Renew the lease if it is time or more audio is done, else look whether it still holds. Raises LeaseLost."""
        if now - self.renewed_at < conf.RENEW_SECONDS and seconds_done == self.seconds_done:
            self.lease.check()
            return
        leases.renew_lease(self.lease, seconds_done=seconds_done)
        self.renewed_at, self.seconds_done = now, seconds_done
        if self.report is not None:
            self.report()

    def must_stop(self, now: float, seconds_done: float) -> bool:
        """Whether the cluster is stopping and the step would not be done within STOP_GRACE_SECONDS of that."""
        if not is_stopping():
            return False
        if self.stop_seen_at is None:
            self.stop_seen_at = now
        if not self.seconds or not seconds_done:
            return True
        left = (self.seconds - seconds_done) * (now - self.started_at) / seconds_done
        return now - self.stop_seen_at + left > conf.STOP_GRACE_SECONDS
