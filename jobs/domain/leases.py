"""Claims of steps under a lease, and the fenced writes that only the lease's holder may make."""

import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jobs import conf
from jobs.domain.clock import now_in_database
from jobs.errors import LeaseLost
from jobs.models import IsOpen, Job, Step
from jobs.states import StepKind, StepState

CLUSTER_VARIABLE = "TRANSCRIBE_CLUSTER"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one step: the step as claimed, and the token and attempt that fence it."""

    step: Step
    token: str
    attempt: int


def get_cluster_name() -> str:
    """Return the name of the cluster this process works in: given by its supervisor, else host and parent."""
    return os.environ.get(CLUSTER_VARIABLE) or f"{socket.gethostname()}-{os.getppid()}"


def build_token() -> str:
    """Return a token for one claim: cluster, process and a random part."""
    return f"{get_cluster_name()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim_step(*, may_decode: bool = True) -> Lease | None:
    """Take the best runnable step under a lease, None when there is nothing to do.

    Best is: the owner with the fewest steps in flight, then the shortest recording, then the oldest. PostgreSQL
    skips rows that another claim holds; SQLite's IMMEDIATE transaction lets one claim in at a time. Without
    `may_decode`, steps that write a working copy are left alone.
    """
    with transaction.atomic():
        steps = select_runnable_steps()
        step = (steps if may_decode else steps.exclude(kind=StepKind.PREPARE)).first()
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


def select_runnable_steps() -> QuerySet[Step]:
    """Return the steps that may be claimed now, best first, locked for this transaction where there are row locks."""
    in_flight = (
        Step.objects.filter(IsOpen(), state=StepState.RUNNING, owner=OuterRef("owner"))
        .order_by()
        .values("owner")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        Step.objects.filter(IsOpen(), state=StepState.WAITING, runnable_at__lte=now_in_database())
        .select_related("job")
        .annotate(in_flight=Coalesce(Subquery(in_flight, output_field=IntegerField()), 0))
        .order_by("in_flight", "due_at", "runnable_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
    )


def lock_job(job_id: UUID) -> str | None:
    """Hold a job's row until the transaction ends, and return its state, None when it was deleted.

    Whoever writes both a job and its steps begins with the job.

    Cancelling does so too; in the other order two would wait for each other. It also makes the last chunks of a job
    take turns, so that each sees what the other has done. SQLite lets one writer in at a time anyway.
    """
    return Job.objects.select_for_update(no_key=True).filter(pk=job_id).values_list("state", flat=True).first()


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


def complete_step(lease: Lease, **fields: Any) -> None:
    """Mark the step done and end the lease. Raises LeaseLost."""
    write_under_lease(
        lease, state=StepState.DONE, lease_expires_at=None, finished_at=now_in_database(), error_code="", **fields
    )


def postpone_step(lease: Lease, delay_seconds: float, error_code: str) -> None:
    """Give the step back to be claimed after `delay_seconds`; its attempt counts. Raises LeaseLost."""
    write_under_lease(
        lease,
        state=StepState.WAITING,
        lease_expires_at=None,
        runnable_at=now_in_database(delay_seconds),
        error_code=error_code,
        seconds_done=0,
    )


def hand_back_step(lease: Lease, delay_seconds: float = 0.0) -> None:
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


class StopRequested(Exception):
    """This worker's cluster is stopping; the step goes back uncounted."""


def is_stopping() -> bool:
    """Whether the supervisor of this process's cluster has asked it to stop."""
    cluster = os.environ.get(CLUSTER_VARIABLE)
    return bool(cluster) and (conf.get_run_dir() / f"{cluster}.stop").exists()


@dataclass(slots=True)
class Heartbeat:
    """Called while the engine works: keeps the lease alive and notices when it is lost or the cluster stops."""

    lease: Lease
    report: Callable[[], None] | None = None
    check_room: Callable[[], None] | None = None
    checked_at: float = field(default_factory=time.monotonic)
    renewed_at: float = field(default_factory=time.monotonic)
    seconds_done: float = 0.0

    def __call__(self, seconds_done: float) -> None:
        """Check the lease each second; renew it every three, and whenever more audio is done.

        Raises:
            LeaseLost: the step is no longer ours.
            StopRequested: the cluster is stopping.
            DiskFull: by `check_room`, if one was given.
        """
        now = time.monotonic()
        if now - self.checked_at < conf.CHECK_SECONDS:
            return
        self.checked_at = now
        if is_stopping():
            raise StopRequested
        if self.check_room is not None:
            self.check_room()
        if now - self.renewed_at < conf.RENEW_SECONDS and seconds_done == self.seconds_done:
            check_lease(self.lease)
            return
        self.renewed_at, self.seconds_done = now, seconds_done
        renew_lease(self.lease, seconds_done=seconds_done)
        if self.report is not None:
            self.report()
