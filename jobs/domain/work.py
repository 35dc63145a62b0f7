"""What a worker does: claim the best step, do it, settle what went wrong, go on for a while."""

import logging
import random
import time
from collections.abc import Callable

from django.db import transaction

from engine import EngineError, StorageFull
from jobs import conf
from jobs.domain import engines, events, finish, leases, prepare, storage, transcribe, transitions
from jobs.errors import DiskFull, JobError, LeaseLost, StateChanged, UnexpectedFailure
from jobs.models import Job
from jobs.states import JobState, StepKind

logger = logging.getLogger(__name__)

DISK_FULL_DELAY_SECONDS = 10.0
MAX_DETAIL_LENGTH = 4000
STEPS: dict[str, Callable[[leases.Lease], None]] = {
    StepKind.PREPARE: prepare.prepare_job,
    StepKind.CHUNK: transcribe.transcribe_chunk,
    StepKind.FINISH: finish.finish_job,
}


def work_for(seconds: float) -> int:
    """Claim and do steps until none is left, or `seconds` have gone by; return how many were claimed.

    With too little space on the disk nothing is decoded until there is room; chunks that are decoded already go on,
    since it is the end of their job that makes room.
    """
    deadline = time.monotonic() + seconds
    claimed = 0
    while time.monotonic() < deadline and not leases.is_stopping():
        lease = leases.claim_step(may_decode=storage.has_free_space())
        if lease is None:
            break
        claimed += 1
        run_step(lease)
    return claimed


def run_step(lease: leases.Lease) -> None:
    """Do one claimed step. Whatever happens, the step is settled, or its lease is no longer ours."""
    try:
        if begin_job(lease.step.job):
            STEPS[lease.step.kind](lease)
        else:
            settle(leases.abandon_step, lease)
    except LeaseLost:
        logger.info("lease lost on %s", lease.step)
    except leases.StopRequested:
        settle(hand_back, lease, "the worker was stopped")
    except (StorageFull, DiskFull):
        settle(wait_for_space, lease)
    except (EngineError, JobError) as error:
        settle(settle_failure, lease, error)
    except Exception as error:
        logger.exception("unexpected failure on %s", lease.step)
        engines.holder.close()
        # The log has the rest; an event is read by people who must not see the server's inside.
        settle(settle_failure, lease, UnexpectedFailure(type(error).__name__))


def begin_job(job: Job) -> bool:
    """Make sure that the job of a claimed step is processing; False when it has ended meanwhile.

    Raises:
        LeaseLost: it was deleted.
    """
    if job.state == JobState.PENDING:
        try:
            transitions.start_job(job)
        except StateChanged:
            refresh_job(job)
    return job.state == JobState.PROCESSING


def refresh_job(job: Job) -> None:
    """Read `job` again. Raises LeaseLost when it was deleted."""
    try:
        job.refresh_from_db()
    except Job.DoesNotExist as error:
        raise LeaseLost from error


def settle(write: Callable[..., None], lease: leases.Lease, *arguments: object) -> None:
    """Run a write that ends the lease; if it was lost meanwhile, its new holder settles the step."""
    try:
        with transaction.atomic():
            leases.lock_job(lease.step.job_id)
            write(lease, *arguments)
    except (LeaseLost, StateChanged):
        logger.info("lease lost on %s", lease.step)


def hand_back(lease: leases.Lease, reason: str) -> None:
    """Give the step back uncounted, with an event."""
    leases.hand_back_step(lease)
    events.record_event(lease.step.job, events.HANDED_BACK, reason=reason)


def wait_for_space(lease: leases.Lease) -> None:
    """Give the step back uncounted until there may be room on the disk again."""
    leases.hand_back_step(lease, DISK_FULL_DELAY_SECONDS)
    events.record_event(lease.step.job, events.HANDED_BACK, reason="waiting for room on the disk")


def settle_failure(lease: leases.Lease, error: EngineError | JobError) -> None:
    """Try the step again later if that makes sense and tries are left; else fail its job.

    Raises:
        LeaseLost: the step is no longer ours.
    """
    detail = str(error)[-MAX_DETAIL_LENGTH:]
    if error.retryable and lease.attempt < conf.get_max_attempts():
        leases.postpone_step(lease, choose_delay(lease.attempt), error.code)
        details = {"step": lease.step.kind, "index": lease.step.index, "detail": detail}
        events.record_event(lease.step.job, events.RETRIED_STEP, reason=error.code, details=details)
    else:
        leases.check_lease(lease)
        transitions.fail_job(lease.step.job, error.code, error.message, detail=detail)


def choose_delay(attempt: int) -> float:
    """Return the seconds to wait after the failed try number `attempt`: random below a doubling cap (full jitter)."""
    ceiling = min(conf.BACKOFF_CAP_SECONDS, conf.BACKOFF_BASE_SECONDS * 2 ** (attempt - 1))
    return random.uniform(0, ceiling)  # noqa: S311 - jitter is no secret
