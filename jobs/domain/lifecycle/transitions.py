"""The only writer of Job.state: guarded updates, each with its event in the same transaction."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from foundation.database.clock import now_in_database
from jobs import signals
from jobs.domain.base import storage
from jobs.domain.feed import events, job_feed
from jobs.errors import StateChanged
from jobs.models import Job, Step
from jobs.states import ACTIVE_STATES, JobState, Stage, StepKind, StepState, can_change

if TYPE_CHECKING:
    from accounts.models import User


def start_job(job: Job, worker: str) -> None:
    """Pending to processing: `worker` has claimed the job's first step of this run.

    Raises:
        StateChanged: the job is no longer pending.
    """
    change_state(
        job,
        JobState.PROCESSING,
        reason="a worker started it",
        fields={"stage": Stage.PREPARING, "started_at": now_in_database(), "attempts": F("attempts") + 1},
        details={"worker": worker},
    )


def complete_job(job: Job, *, needs_review: bool = False) -> None:
    """Processing to completed, with whether its text needs a review; the working copy goes after the commit.

    Raises:
        StateChanged: the job is no longer processing.
    """
    fields = {"stage": "", "progress": 100.0, "finished_at": now_in_database(), "needs_review": needs_review}
    change_state(job, JobState.COMPLETED, reason="all of its audio is transcribed", fields=fields)


def fail_job(job: Job, code: str, message: str, *, details: dict[str, Any] | None = None) -> None:
    """Any active state to failed, with what went wrong; open steps are closed in the same transaction.

    `details` go into the log: the step, the try, the worker, and under `detail` what the error said.

    Raises:
        StateChanged: the job has ended already.
    """
    fields = {
        "stage": "",
        "error_code": code,
        "error_message": message,
        "finished_at": now_in_database(),
        "reused_from": None,
    }
    with transaction.atomic():
        change_state(job, JobState.FAILED, reason=code, fields=fields, details=details)
        close_open_steps(job, code)


def cancel_active_job(job: Job, actor: "User | None", reason: str) -> None:
    """Any active state to cancelled; clears all leases, so that workers stop within seconds.

    Raises:
        StateChanged: the job has ended already.
    """
    with transaction.atomic():
        change_state(
            job,
            JobState.CANCELLED,
            reason=reason,
            actor=actor,
            fields={"stage": "", "finished_at": now_in_database(), "reused_from": None},
        )
        close_open_steps(job, JobState.CANCELLED)


def reopen_job(job: Job, actor: "User | None") -> None:
    """Failed or cancelled back to pending, for a new run.

    Raises:
        StateChanged: the job is in another state.
    """
    fields = {
        "stage": "",
        "error_code": "",
        "error_message": "",
        "started_at": None,
        "transcribing_at": None,
        "finished_at": None,
    }
    change_state(job, JobState.PENDING, reason="tried again", actor=actor, fields=fields)


def change_stage(job: Job, stage: Stage, **fields: Any) -> None:
    """Set what a processing job is doing, with an event; no change of state."""
    with transaction.atomic():
        job_feed.lock_jobs([job.pk])
        updated = Job.objects.filter(pk=job.pk, state=JobState.PROCESSING).update(
            stage=stage, updated_at=now_in_database(), **fields
        )
        if updated:
            job.stage = stage
            events.record_event(job, events.STAGE, reason=stage.label)


def change_state(
    job: Job,
    new: JobState,
    *,
    reason: str,
    fields: dict[str, Any],
    actor: "User | None" = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Move `job` from the state it was read in to `new`, and write the event; refreshes `job`.

    Raises:
        StateChanged: the change is not allowed, or another process changed the state first.
    """
    old = JobState(job.state)
    if not can_change(old, new):
        raise StateChanged
    with transaction.atomic():
        job_feed.lock_jobs([job.pk])
        updated = Job.objects.filter(pk=job.pk, state=old).update(state=new, updated_at=now_in_database(), **fields)
        if updated != 1:
            raise StateChanged
        job.refresh_from_db(fields=list({"state", "stage", "progress", "updated_at", *fields}))
        events.record_event(job, events.STATE, reason=reason, actor=actor, details=details)
        if new in {JobState.COMPLETED, JobState.FAILED}:
            signals.job_ended.send_robust(sender=Job, job=job)
        if new not in ACTIVE_STATES:
            job_id = job.pk
            transaction.on_commit(lambda: storage.remove_working_copy(job_id), robust=True)
            transaction.on_commit(lambda: signals.run_ended.send_robust(sender=Job, job_id=job_id), robust=True)


def close_open_steps(job: Job, code: str, **which: StepKind) -> None:
    """Fail every waiting or running step of `job`, or `which` of them; whoever runs one loses its lease."""
    Step.objects.filter(job=job, state__in=[StepState.WAITING, StepState.RUNNING], **which).update(
        state=StepState.FAILED, lease_expires_at=None, error_code=code
    )
