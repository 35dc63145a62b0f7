"""The queue of steps: claimed in fair order, done by `worker`, and put right when workers die or messages get lost."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from foundation.database.clock import now_in_database
from foundation.database.leased_queue import CLOCK_MARGIN_SECONDS, LeasedQueue
from foundation.database.leased_rows import Lease, LeasedQuerySet
from foundation.database.retry_policy import RetryPolicy
from jobs import conf
from jobs.domain.base import storage
from jobs.domain.feed import events
from jobs.domain.lifecycle import reuse, transitions
from jobs.domain.queue import fair_order, leases
from jobs.domain.steps import progress, worker
from jobs.errors import StateChanged, WorkerLost
from jobs.models import Job, Step
from jobs.states import JobState, Stage, StepKind, StepState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReapReport:
    """How many leases had expired, finish steps were missing, and wake-ups were sent."""

    expired: int
    finished: int
    woken: int


class StepQueue(LeasedQueue[Step]):
    """Steps in fair order; what becomes of one is written into its job's log."""

    def run(self, lease: Lease[Step]) -> None:
        worker.run_step(leases.Lease(lease.row, lease.token, lease.attempt))

    @property
    def policy(self) -> RetryPolicy:
        return worker.build_policy()

    def claim(self) -> leases.Lease | None:
        """Claim a step; with too little space on the disk nothing is decoded until there is room.

        Chunks that are decoded already go on, since it is the end of their job that makes room.
        """
        return leases.claim_step(may_decode=storage.has_free_space())

    def reap(self) -> ReapReport:
        """Take back expired leases, complete jobs that lost their finish step, and wake workers for what is due."""
        self.repair_waits()
        expired = self.take_back_expired()
        finished = sum(progress.finish_if_all_chunks_done(job) for job in select_jobs_without_finish())
        report = ReapReport(expired, finished, self.wake_for_due())
        # Last, as it may copy long texts.
        reuse.settle_stranded()
        return report

    def repair_waits(self) -> int:
        """Make the steps due that wait for longer than is ever asked for: one that was not tried waits for the disk."""
        longest = now_in_database(conf.DISK_FULL_DELAY_SECONDS + CLOCK_MARGIN_SECONDS)
        untried = Step.rows().waiting().filter(error_code="", runnable_at__gt=longest)
        return super().repair_waits() + untried.update(runnable_at=now_in_database())

    def build_lease(self, step: Step) -> leases.Lease:
        return leases.Lease(step, step.claimed_by, step.attempts)

    def select_expired(self) -> LeasedQuerySet[Step]:
        return super().select_expired().select_related("job")

    def lock(self, lease: Lease[Step]) -> None:
        """Lock the job first, as all do that write both. Raises LeaseLost."""
        leases.lock_claimed_job(self.build_lease(lease.row))

    def get_returned_fields(self) -> dict[str, Any]:
        """Return what a step gets whose worker died: it is due before all others."""
        return {"due_at": fair_order.RECOVERED_DUE_AT, "seconds_done": 0, "error_code": WorkerLost.code}

    def on_taken_back(self, lease: Lease[Step], *, is_last: bool) -> None:
        """Write the event, and fail the job when its workers died too often."""
        details = leases.describe_lease(self.build_lease(lease.row))
        job = lease.row.job
        events.record_event(job, events.LEASE_EXPIRED, reason="its worker went silent", details=details)
        if is_last:
            fail_lost_job(job, details)


def fail_lost_job(job: Job, details: dict[str, Any]) -> None:
    """Fail a job whose step killed its worker each time, unless it has ended already."""
    try:
        transitions.fail_job(job, WorkerLost.code, WorkerLost.message, details=details)
    except StateChanged:
        logger.info("job %s ended by itself", job.pk)


def select_jobs_without_finish() -> list[Job]:
    """Return jobs whose chunks are all done and which have no finish step at work."""
    steps = Step.objects.filter(job=OuterRef("pk"))
    at_work = Exists(steps.filter(state__in=[StepState.WAITING, StepState.RUNNING]))
    prepared = Exists(steps.filter(kind=StepKind.PREPARE, state=StepState.DONE))
    stalled = Job.objects.filter(state=JobState.PROCESSING, stage__in=[Stage.TRANSCRIBING, Stage.ANALYSING])
    return list(stalled.filter(~at_work, prepared))


STEPS = StepQueue(Step)
