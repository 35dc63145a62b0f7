"""What a person may do with a job or recording.

Cancel, retry, dismiss, rename and delete.
"""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from jobs.domain.base import storage
from jobs.domain.feed import events, job_feed
from jobs.domain.feed.touch import touch_after_commit, touch_jobs
from jobs.domain.lifecycle import reuse, transitions
from jobs.domain.queue import enqueue
from jobs.errors import JobFinished, JobNotFailed, JobNotRetryable, StateChanged
from jobs.models import Job, Recording, Step
from jobs.states import ACTIVE_STATES, JobState, StepKind, StepState
from jobs.validators import clean_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User

DELETE_TRIES = 3


def cancel_job(job: Job, actor: "User | None") -> Job:
    """Cancel `job` at once.

    Workers notice within two seconds. Cancelling twice is fine.

    Raises:
        JobFinished: it has completed or failed.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    while job.state != JobState.CANCELLED:
        if job.state not in ACTIVE_STATES:
            raise JobFinished
        try:
            transitions.cancel_active_job(job, actor, reason="cancelled on request")
        except StateChanged:
            job.refresh_from_db()
    return job


def retry_job(job: Job, actor: "User | None") -> Job:
    """Start a failed or cancelled job again.

    Its finished chunks stay as they are.

    Raises:
        JobNotRetryable: it is in another state.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    with transaction.atomic():
        restart_job(job, actor)
        wake_workers(Step)
    return job


def restart_job(job: Job, actor: "User | None") -> None:
    """Do what `retry_job` does without waking a worker.

    Of many jobs that are retried together only the first need one.

    Raises:
        JobNotRetryable: it is in another state.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    try:
        with transaction.atomic():
            transitions.reopen_job(job, actor)
            Job.objects.filter(pk=job.pk).update(dismissed_at=None)
            reopen_first_step(job)
    except StateChanged as error:
        job.refresh_from_db()
        raise JobNotRetryable from error
    job.dismissed_at = None


def dismiss_job(job: Job, actor: "User | None") -> Job:
    """Dismiss a failed job.

    It leaves the failed jobs and stays as it is. Doing it twice is fine.

    Raises:
        JobNotFailed: it is in another state.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    return set_dismissed(job, actor, dismiss=True)


def take_back_job(job: Job, actor: "User | None") -> Job:
    """Put a dismissed job back among the failed ones.

    Doing it twice is fine.

    Raises:
        JobNotFailed: it is in another state.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    return set_dismissed(job, actor, dismiss=False)


def set_dismissed(job: Job, actor: "User | None", *, dismiss: bool) -> Job:
    """Dismiss one job or take it back.

    Raises:
        JobNotFailed: it is in another state.
        Job.DoesNotExist: it was deleted meanwhile.
    """
    set_dismissed_many([job.pk], actor, dismiss=dismiss)
    job.refresh_from_db()
    if job.state != JobState.FAILED:
        raise JobNotFailed
    return job


def set_dismissed_many(keys: "Sequence[UUID]", actor: "User | None", *, dismiss: bool) -> int:
    """Dismiss the failed jobs among `keys` or take them back.

    In one transaction. Returns how many there were to do.
    """
    with transaction.atomic():
        found = Job.objects.lock().filter(pk__in=keys, dismissed_at__isnull=dismiss)
        jobs = list(found.filter(state=JobState.FAILED).order_by("pk"))
        moment = now_in_database() if dismiss else None
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(dismissed_at=moment, updated_at=now_in_database())
        events.record_events(jobs, events.DISMISSED if dismiss else events.TAKEN_BACK, actor=actor)
    return len(jobs)


def reopen_first_step(job: Job) -> None:
    """Make the first step of a new run runnable.

    That is `prepare`, as working copies are deleted when a job ends, and it opens the unfinished chunks; or `finish`
    when every chunk is done.
    """
    chunks = Step.objects.filter(job=job, kind=StepKind.CHUNK)
    is_transcribed = chunks.exists() and not chunks.exclude(state=StepState.DONE).exists()
    kind = StepKind.FINISH if is_transcribed else StepKind.PREPARE
    Step.objects.update_or_create(
        job=job,
        kind=kind,
        index=0,
        defaults={
            "owner_id": job.owner_id,
            "state": StepState.WAITING,
            "attempts": 0,
            "lease_expires_at": None,
            "error_code": "",
            "due_at": timezone.now() + timedelta(seconds=enqueue.estimate_seconds(job.recording)),
            "runnable_at": now_in_database(),
        },
    )


def rename_recording(recording: Recording, title: str) -> Recording:
    """Set another title for `recording`.

    An empty one leaves it as it was. Its cards change with it.

    Raises:
        Recording.DoesNotExist: it was deleted meanwhile.
    """
    recording.title = clean_title(title) or recording.title
    if not Recording.objects.filter(pk=recording.pk).update(title=recording.title):
        raise Recording.DoesNotExist
    touch_jobs(recording.jobs.all())
    touch_jobs(reuse.select_reuses(list(recording.jobs.values_list("pk", flat=True))))
    return recording


def delete_recording(recording: Recording) -> None:
    """Delete `recording` with its jobs and text.

    What runs is cancelled first, files go after the commit. A job that is submitted or an event that is written at the
    same moment prevents the commit; then all of it is done again.
    """
    for _ in range(DELETE_TRIES - 1):
        with suppress(IntegrityError):
            delete_rows(recording)
            return
    delete_rows(recording)


def delete_rows(recording: Recording) -> None:
    """Delete a recording in one transaction.

    Raises:
        IntegrityError: something was added to it meanwhile.
    """
    with transaction.atomic():
        jobs = list(recording.jobs.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        for job in jobs:
            if job.state in ACTIVE_STATES:
                cancel_quietly(job)
        removed, job_ids = Recording(pk=recording.pk, audio=recording.audio.name), [job.pk for job in jobs]
        upload_ids = list(recording.parts.values_list("pk", flat=True))
        transaction.on_commit(lambda: storage.remove_files(removed, job_ids, upload_ids), robust=True)
        Recording.objects.filter(pk=recording.pk).delete()
        job_feed.publish(jobs, job_feed.DELETED)
        touch_after_commit(reuse.select_reuses(job_ids))


def cancel_quietly(job: Job) -> None:
    """Cancel `job` unless it has just ended by itself."""
    try:
        cancel_job(job, None)
    except JobFinished:
        return
