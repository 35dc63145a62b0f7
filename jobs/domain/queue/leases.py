"""Claims of steps under a lease, and the writes that only the lease's holder may make."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.database import leased_rows
from foundation.database.clock import now_in_database
from foundation.database.clusters import get_worker_name
from foundation.database.leased_rows import FAILED, LeaseLost
from jobs import conf
from jobs.domain.feed import events
from jobs.domain.queue import fair_order
from jobs.models import Job, Step
from jobs.states import StepState

# What others may have changed of a job meanwhile, and events say of it.
EVENT_FIELDS = ("state", "stage", "progress")


@dataclass(frozen=True, slots=True)
class Lease(leased_rows.Lease[Step]):
    """The right to work on one step."""

    @property
    def step(self) -> Step:
        """The step as claimed."""
        return self.row


def claim_step(*, may_decode: bool = True) -> Lease | None:
    """Take the next step in fair order under a lease, None when there is nothing to do.

    Without `may_decode`, steps that write a working copy are left alone.
    """
    with transaction.atomic():
        step = fair_order.choose_step(may_decode=may_decode)
        if step is None:
            return None
        lease = leased_rows.claim_row(step, conf.LEASE_SECONDS, error_code="")
    return None if lease is None else Lease(lease.row, lease.token, lease.attempt)


def lock_job(job_id: UUID) -> str | None:
    """Lock a job's row until the transaction ends, and return its state, None when it was deleted.

    A transaction that writes both a job and its steps locks the job first, as cancelling does; in the other order two
    would wait for each other. The lock also serialises the last chunks of a job, so that each sees what the other has
    done. SQLite lets one writer in at a time anyway.
    """
    return Job.objects.lock().filter(pk=job_id).values_list("state", flat=True).first()


def lock_claimed_job(lease: Lease) -> None:
    """Lock the row of a claimed step's job, as `lock_job` does, and read what others have changed of it.

    Raises:
        LeaseLost: the job was deleted.
    """
    try:
        lease.step.job.refresh_from_db(fields=list(EVENT_FIELDS), from_queryset=Job.objects.lock().only(*EVENT_FIELDS))
    except Job.DoesNotExist as error:
        raise LeaseLost from error


def renew_lease(lease: Lease, **fields: Any) -> None:
    """Extend the lease by a full term from now. Raises LeaseLost."""
    lease.renew(conf.LEASE_SECONDS, **fields)


def complete_step(lease: Lease, *, engine: str = "", **fields: Any) -> None:
    """Mark the step done, and write into the job's log who did it, and with which engine.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    lease.end(StepState.DONE, finished_at=now_in_database(), error_code="", **fields)
    details = {**describe_lease(lease), "engine": engine, "seconds": fields.get("seconds_done", 0.0)}
    details["compute_seconds"] = fields.get("compute_seconds")
    events.record_event(lease.step.job, events.STEP_DONE, reason=lease.step.get_kind_display(), details=details)


def describe_lease(lease: Lease) -> dict[str, Any]:
    """Return what a job's log says of a claim: which step, at which try, and the worker."""
    step = lease.step
    return {"step": step.kind, "index": step.index, "attempt": lease.attempt, "worker": get_worker_name(lease.token)}


def reschedule_step(lease: Lease, delay_seconds: float, error_code: str) -> None:
    """Let the step be claimed again after `delay_seconds`; its attempt counts. Raises LeaseLost."""
    lease.reschedule(delay_seconds, error_code=error_code, seconds_done=0)


def release_step(lease: Lease, delay_seconds: float = 0.0) -> None:
    """Give the step back as if it had not been claimed: its attempt does not count. Raises LeaseLost."""
    lease.release(delay_seconds, seconds_done=0)


def abandon_step(lease: Lease) -> None:
    """Close a step whose job has ended. Raises LeaseLost."""
    lease.end(FAILED, error_code=lease.step.job.state)
