"""Claims of steps under a lease, and the fenced writes that only the lease's holder may make."""

import os
import socket
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from foundation.database.clock import now_in_database
from jobs import conf
from jobs.domain.feed import events
from jobs.domain.queue import fair_order
from jobs.errors import LeaseLost
from jobs.models import Job, Step
from jobs.states import StepState

CLUSTER_VARIABLE = "TRANSCRIBE_CLUSTER"
HOST_LENGTH = 30
# What others may have changed of a job meanwhile, and events tell of it.
EVENT_FIELDS = ("state", "stage", "progress")


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one step: the step as claimed, and the token and attempt that fence it."""

    step: Step
    token: str
    attempt: int


def find_cluster() -> str | None:
    """Return the name that this process's supervisor gave its cluster, None where there is none."""
    return os.environ.get(CLUSTER_VARIABLE)


def get_cluster_name() -> str:
    """Return the name of the cluster this process works in: given by its supervisor, else host and parent."""
    return find_cluster() or build_cluster_name(str(os.getppid()))


def build_cluster_name(suffix: str) -> str:
    """Return a name that tells the machine, short enough for a token, and without the mark that parts tokens."""
    host = socket.gethostname().replace(":", "-")[:HOST_LENGTH]
    return f"{host}-{suffix}"


def build_token() -> str:
    """Return a token for one claim: cluster, process and a random part."""
    return f"{get_cluster_name()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim_step(*, may_decode: bool = True) -> Lease | None:
    """Take the step whose turn it is under a lease, None when there is nothing to do.

    PostgreSQL skips rows that another claim holds; SQLite's IMMEDIATE transaction lets one claim in at a time. Without
    `may_decode`, steps that write a working copy are left alone.
    """
    with transaction.atomic():
        step = fair_order.choose_step(may_decode=may_decode)
        if step is None:
            return None
        token = build_token()
        claimed = Step.objects.filter(pk=step.pk, state=StepState.WAITING).update(
            state=StepState.RUNNING,
            attempts=F("attempts") + 1,
            claimed_by=token,
            claimed_at=now_in_database(),
            lease_expires_at=now_in_database(conf.LEASE_SECONDS),
            error_code="",
        )
    if not claimed:
        return None
    step.attempts += 1
    return Lease(step, token, step.attempts)


def lock_job(job_id: UUID) -> str | None:
    """Hold a job's row until the transaction ends, and return its state, None when it was deleted.

    Whoever writes both a job and its steps begins with the job.

    Cancelling does so too; in the other order two would wait for each other. It also makes the last chunks of a job
    take turns, so that each sees what the other has done. SQLite lets one writer in at a time anyway.
    """
    return Job.objects.select_for_update(no_key=True).filter(pk=job_id).values_list("state", flat=True).first()


def lock_claimed_job(lease: Lease) -> None:
    """Hold the row of a claimed step's job, as `lock_job` does, and take over what others have changed of it.

    Raises:
        LeaseLost: the job was deleted.
    """
    try:
        lease.step.job.refresh_from_db(
            fields=list(EVENT_FIELDS), from_queryset=Job.objects.select_for_update(no_key=True).only(*EVENT_FIELDS)
        )
    except Job.DoesNotExist as error:
        raise LeaseLost from error


def write_under_lease(lease: Lease, **fields: Any) -> None:
    """Update the step, if the lease still holds; a row lock keeps it so until the transaction ends.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    updated = Step.objects.filter(
        pk=lease.step.pk, state=StepState.RUNNING, claimed_by=lease.token, attempts=lease.attempt
    ).update(**fields)
    if updated != 1:
        raise LeaseLost


def check_lease(lease: Lease) -> None:
    """Look whether the lease still holds.

    Raises:
        LeaseLost: it does not.
    """
    held = Step.objects.filter(
        pk=lease.step.pk, state=StepState.RUNNING, claimed_by=lease.token, attempts=lease.attempt
    )
    if not held.exists():
        raise LeaseLost


def renew_lease(lease: Lease, **fields: Any) -> None:
    """Extend the lease by a full term from now. Raises LeaseLost."""
    write_under_lease(lease, lease_expires_at=now_in_database(conf.LEASE_SECONDS), **fields)


def complete_step(lease: Lease, *, engine: str = "", **fields: Any) -> None:
    """Mark the step done, end the lease, and write into the job's log who did it, and with which engine.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    write_under_lease(
        lease, state=StepState.DONE, lease_expires_at=None, finished_at=now_in_database(), error_code="", **fields
    )
    details = {**describe_lease(lease), "engine": engine, "seconds": fields.get("seconds_done", 0.0)}
    details["compute_seconds"] = fields.get("compute_seconds")
    events.record_event(lease.step.job, events.STEP_DONE, reason=lease.step.get_kind_display(), details=details)


def describe_lease(lease: Lease) -> dict[str, Any]:
    """Return what a job's log tells of a claim: which step, at which try, and the worker."""
    step = lease.step
    return {"step": step.kind, "index": step.index, "attempt": lease.attempt, "worker": get_worker_name(lease.token)}


def get_worker_name(token: str) -> str:
    """Return the worker that a token was made by, as people read it: machine, cluster and process."""
    return token.rpartition(":")[0]


def reschedule_step(lease: Lease, delay_seconds: float, error_code: str) -> None:
    """Give the step back to be claimed after `delay_seconds`; its attempt counts. Raises LeaseLost."""
    write_under_lease(
        lease,
        state=StepState.WAITING,
        lease_expires_at=None,
        runnable_at=now_in_database(delay_seconds),
        error_code=error_code,
        seconds_done=0,
    )


def release_step(lease: Lease, delay_seconds: float = 0.0) -> None:
    """Give the step back as if it had not been claimed: its attempt does not count. Raises LeaseLost."""
    write_under_lease(
        lease,
        state=StepState.WAITING,
        lease_expires_at=None,
        runnable_at=now_in_database(delay_seconds),
        attempts=lease.attempt - 1,
        seconds_done=0,
    )


def abandon_step(lease: Lease) -> None:
    """Close a step whose job has ended. Raises LeaseLost."""
    write_under_lease(lease, state=StepState.FAILED, lease_expires_at=None, error_code=lease.step.job.state)
