"""Puts right what dead workers and lost messages left behind; safe when several run it at once."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from foundation.database.clock import now_in_database
from jobs import conf
from jobs.domain.feed import events
from jobs.domain.lifecycle import reuse, transitions
from jobs.domain.queue import fair_order, leases, wakeup
from jobs.domain.steps import progress
from jobs.errors import LeaseLost, StateChanged, WorkerLost
from jobs.models import IsOpen, Job, Step
from jobs.states import JobState, Stage, StepKind, StepState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReapReport:
    """How many leases had expired, finish steps were missing, and nudges were sent."""

    expired: int
    finished: int
    nudged: int


def reap() -> ReapReport:
    """Return expired leases, complete what lost its finish, and nudge for what waits."""
    repair_waits()
    expired = sum(return_step(step) for step in select_expired_steps())
    finished = sum(progress.finish_if_all_chunks_done(job) for job in select_jobs_without_finish())
    waiting = Step.objects.filter(IsOpen(), state=StepState.WAITING, runnable_at__lte=now_in_database())
    limit = conf.get_worker_count()
    report = ReapReport(expired, finished, wakeup.top_up_wakeups(waiting.order_by()[:limit].count()))
    # Last, as it may copy long texts.
    reuse.settle_stranded()
    return report


def repair_waits() -> int:
    """Let those steps be claimed now that wait for longer than is ever asked for: a clock was wrong when they were put.

    Returns:
        how many there were.
    """
    untried = conf.DISK_FULL_DELAY_SECONDS + conf.CLOCK_MARGIN_SECONDS
    longest = conf.get_retry_cap_seconds() + conf.RETRY_AFTER_LIMIT_SECONDS + conf.CLOCK_MARGIN_SECONDS
    is_too_long = Q(error_code="") | Q(runnable_at__gt=now_in_database(longest))
    waiting = Step.objects.filter(IsOpen(), state=StepState.WAITING, runnable_at__gt=now_in_database(untried))
    return waiting.filter(is_too_long).update(runnable_at=now_in_database())


def select_expired_steps() -> list[Step]:
    """Return the running steps whose lease has run out, or runs for longer than any is given."""
    latest = now_in_database(conf.LEASE_SECONDS + conf.CLOCK_MARGIN_SECONDS)
    ended = Q(lease_expires_at__lt=now_in_database()) | Q(lease_expires_at__gt=latest)
    return list(Step.objects.filter(IsOpen(), ended, state=StepState.RUNNING).select_related("job"))


def return_step(step: Step) -> bool:
    """Let the step be claimed again, or fail its job when its workers died too often.

    Returns:
        False if the lease was renewed, or others were first.
    """
    with transaction.atomic():
        lease = leases.Lease(step, step.claimed_by, step.attempts)
        try:
            leases.lock_claimed_job(lease)
        except LeaseLost:
            return False
        taken = Step.objects.filter(
            pk=step.pk,
            state=StepState.RUNNING,
            claimed_by=step.claimed_by,
            attempts=step.attempts,
            lease_expires_at=step.lease_expires_at,
        ).update(
            state=StepState.WAITING,
            lease_expires_at=None,
            runnable_at=now_in_database(),
            due_at=fair_order.RECOVERED_DUE_AT,
            seconds_done=0,
            error_code=WorkerLost.code,
        )
        if not taken:
            return False
        details = leases.describe_lease(lease)
        events.record_event(step.job, events.LEASE_EXPIRED, reason="its worker went silent", details=details)
        if step.attempts >= conf.get_max_attempts():
            give_up(step.job, details)
    return True


def give_up(job: Job, details: dict[str, Any]) -> None:
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
