"""What a worker does with a claimed step: do it, and settle what went wrong."""

import logging
from collections.abc import Callable

from django.db import transaction

from engine import EngineError, StorageFull
from foundation.database import outage
from foundation.database.clusters import get_worker_name
from foundation.database.leased_rows import LeaseLost
from foundation.database.retry_policy import RetryPolicy, double_waits
from jobs import conf
from jobs.domain.base import engines
from jobs.domain.feed import events
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import heartbeat, leases
from jobs.domain.steps import finish_step, prepare_step, transcribe_step
from jobs.errors import (
    DatabaseUnavailable,
    DiskFull,
    JobError,
    StateChanged,
    UnexpectedFailure,
    WorkingCopyMissing,
)
from jobs.states import JobState, StepKind

logger = logging.getLogger(__name__)

MAX_DETAIL_LENGTH = 4000
STEPS: dict[str, Callable[[leases.Lease], None]] = {
    StepKind.PREPARE: prepare_step.prepare_job,
    StepKind.CHUNK: transcribe_step.transcribe_chunk,
    StepKind.FINISH: finish_step.finish_job,
}


def build_policy() -> RetryPolicy:
    """Return how often a step is tried, by the settings."""
    return RetryPolicy(
        lease_seconds=conf.LEASE_SECONDS,
        max_attempts=conf.get_max_attempts(),
        waits=double_waits(conf.get_retry_base_seconds(), conf.get_retry_cap_seconds()),
        retry_after_limit=conf.RETRY_AFTER_LIMIT_SECONDS,
    )


def run_step(lease: leases.Lease) -> None:
    """Do one claimed step. Whatever happens, the step is settled, or its lease is no longer ours."""
    try:
        if outage.survive_outage(lambda: begin_job(lease)):
            STEPS[lease.step.kind](lease)
        else:
            settle(leases.abandon_step, lease)
    except LeaseLost:
        logger.info("lease lost on %s", lease.step)
    except heartbeat.StopRequested:
        settle(release, lease, "the worker was stopped")
    except (EngineError, JobError) as error:
        settle(choose_settlement(error), lease, error)
    except outage.OUTAGES as error:
        logger.warning("the database did not answer on %s: %s", lease.step, error)
        settle(settle_failure, lease, DatabaseUnavailable())
    except Exception as error:
        logger.exception("unexpected failure on %s", lease.step)
        engines.holder.close()
        # The log has the rest; an event is read by people who must not see the server's inside.
        settle(settle_failure, lease, UnexpectedFailure(type(error).__name__))


def begin_job(lease: leases.Lease) -> bool:
    """Make sure that the job of a claimed step is processing; False when it has ended meanwhile.

    The state is read anew each time: after a commit that failed, what is remembered may never have been stored.

    Raises:
        LeaseLost: it was deleted.
    """
    job = lease.step.job
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        if job.state == JobState.PENDING:
            transitions.start_job(job, get_worker_name(lease.token))
    return job.state == JobState.PROCESSING


def settle(write: Callable[..., None], lease: leases.Lease, *arguments: object) -> None:
    """Run a write that ends the lease; if it was lost meanwhile, its new holder settles the step."""

    def write_locked() -> None:
        with transaction.atomic():
            leases.lock_claimed_job(lease)
            write(lease, *arguments)

    try:
        outage.survive_outage(write_locked)
    except (LeaseLost, StateChanged):
        logger.info("lease lost on %s", lease.step)


def choose_settlement(error: EngineError | JobError) -> Callable[..., None]:
    """Return what becomes of a step that ended with `error`."""
    if isinstance(error, (StorageFull, DiskFull)):
        return wait_for_space
    return decode_again if isinstance(error, WorkingCopyMissing) else settle_failure


def release(lease: leases.Lease, reason: str) -> None:
    """Give the step back uncounted, with an event."""
    leases.release_step(lease)
    events.record_event(lease.step.job, events.STEP_RELEASED, reason=reason, details=leases.describe_lease(lease))


def wait_for_space(lease: leases.Lease, _error: EngineError | JobError) -> None:
    """Give the step back uncounted until there may be room on the disk again."""
    leases.release_step(lease, conf.DISK_FULL_DELAY_SECONDS)
    details = leases.describe_lease(lease)
    events.record_event(lease.step.job, events.STEP_RELEASED, reason="waiting for room on the disk", details=details)


def decode_again(lease: leases.Lease, error: WorkingCopyMissing) -> None:
    """Have the audio decoded anew, or fail the job if that has been done too often.

    Raises:
        LeaseLost: the step is no longer ours.
    """
    lease.check()
    details = {**leases.describe_lease(lease), "detail": str(error)}
    if prepare_step.reopen_preparation(lease.step.job):
        events.record_event(lease.step.job, events.STEP_RESCHEDULED, reason=error.code, details=details)
    else:
        transitions.fail_job(lease.step.job, error.code, error.message, details=details)


def settle_failure(lease: leases.Lease, error: EngineError | JobError) -> None:
    """Try the step again later if that makes sense and tries are left; else fail its job.

    Raises:
        LeaseLost: the step is no longer ours.
    """
    details = {**leases.describe_lease(lease), "detail": str(error)[-MAX_DETAIL_LENGTH:]}
    policy = build_policy()
    if error.retryable and not policy.is_last(lease.attempt):
        delay = policy.choose_delay(lease.attempt, error.retry_after)
        leases.reschedule_step(lease, delay, error.code)
        details["retry_in"] = round(delay, 1)
        events.record_event(lease.step.job, events.STEP_RESCHEDULED, reason=error.code, details=details)
    else:
        lease.check()
        transitions.fail_job(lease.step.job, error.code, error.message, details=details)
