"""Retries and dismisses many jobs in one request.

It takes a few seconds; what is left waits for the next request.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from foundation.database.wakeup import wake_workers
from jobs.domain.lifecycle import control
from jobs.domain.reading import failures
from jobs.errors import JobNotRetryable
from jobs.models import Job, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

# After this time a request ends with jobs left: a longer one seems to hang.
BATCH_SECONDS = 4.0
# At most this many jobs are looked at in one request; counting what is left ends there too.
MOST_AT_ONCE = 10_000
# At most this many are dismissed in one transaction: enough to be quick, few enough for others to write in between.
DISMISSED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Tally:
    """The result of changing many jobs.

    How many changed, how many could not any more, and how many are left to do.
    """

    done: int
    skipped: int
    left: int


def change_chosen(
    user: "User", action: str, *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None
) -> Tally:
    """Retry, dismiss or take back many failed jobs of the user.

    `action` is "retry", "dismiss" or "take_back". The jobs are those among the ids `jobs`, or all of one code. Ids that
    are not there, or of jobs that have changed meanwhile, count as skipped.

    Raises:
        RetryPointless: all of a code were to be retried whose cause lies in the files.
    """
    change, select = ACTIONS[action]
    tally = change(select(user, jobs=jobs, error_code=error_code), user)
    if jobs is None:
        return tally
    # What has failed again by now was done, and is left as well.
    return Tally(tally.done, max(0, len(set(jobs)) - tally.done - tally.left), tally.left)


def retry_jobs(jobs: QuerySet[Job], actor: "User | None") -> Tally:
    """Start failed and cancelled `jobs` again, the oldest first.

    Each has a transaction of its own.
    """

    def retry(keys: list[UUID]) -> int:
        found = Job.objects.filter(pk=keys[0]).first()
        return 1 if found and is_restarted(found, actor) else 0

    tally = work_through(jobs, retry, size=1)
    wake_workers(Step, tally.done)
    return tally


def is_restarted(job: Job, actor: "User | None") -> bool:
    """Start `job` again; False when that is no longer possible."""
    try:
        control.restart_job(job, actor)
    except (JobNotRetryable, Job.DoesNotExist):
        return False
    return True


def dismiss_jobs(jobs: QuerySet[Job], actor: "User | None") -> Tally:
    """Dismiss failed `jobs`, the oldest first."""
    return work_through(
        jobs, lambda keys: control.set_dismissed_many(keys, actor, dismiss=True), size=DISMISSED_AT_ONCE
    )


def take_back_jobs(jobs: QuerySet[Job], actor: "User | None") -> Tally:
    """Put dismissed `jobs` back among the failed ones, the oldest first."""
    return work_through(
        jobs, lambda keys: control.set_dismissed_many(keys, actor, dismiss=False), size=DISMISSED_AT_ONCE
    )


def work_through(jobs: QuerySet[Job], change: Callable[[list[UUID]], int], *, size: int) -> Tally:
    """Change `jobs` in batches of `size` until BATCH_SECONDS are over.

    `jobs` must not contain those any more that have been changed. `change` returns how many of its jobs did.
    """
    deadline = time.monotonic() + BATCH_SECONDS
    keys = list(jobs.order_by("created_at", "id").values_list("pk", flat=True)[:MOST_AT_ONCE])
    done = seen = 0
    while seen < len(keys) and time.monotonic() < deadline:
        part = keys[seen : seen + size]
        done += change(part)
        seen += len(part)
    is_through = seen == len(keys) < MOST_AT_ONCE
    left = 0 if is_through else jobs.order_by()[:MOST_AT_ONCE].count()
    return Tally(done, seen - done, left)


ACTIONS: dict[str, tuple[Callable[..., Tally], Callable[..., QuerySet[Job]]]] = {
    "retry": (retry_jobs, failures.retryable_jobs),
    "dismiss": (dismiss_jobs, failures.dead_jobs),
    "take_back": (take_back_jobs, failures.dismissed_jobs),
}
