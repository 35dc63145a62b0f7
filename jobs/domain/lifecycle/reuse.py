"""The same audio again: a job takes over the text of another, or waits for it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from foundation.database.clock import now_in_database
from jobs.domain.feed import events, job_feed
from jobs.domain.lifecycle import copying, transitions
from jobs.domain.queue import enqueue
from jobs.models import Job, Transcript
from jobs.states import ACTIVE_STATES, JobState


def find_duplicate(job: Job) -> Job | None:
    """Return a job whose text `job`, not stored yet, can take over; its row is locked until the transaction ends.

    That is one of the same owner with the same bytes, options and model: a completed one if there is any, else one at
    work. Without a model nothing is the same. Call it while the owner's row is locked, so that of two simultaneous
    uploads the second sees the first.
    """
    duplicates = select_duplicates(job)
    while job.model_checksum and (found := duplicates.first()) is not None:
        lock_original(found.pk)
        # It may have ended in another way, or gone, before it was locked.
        if (locked := duplicates.filter(pk=found.pk).first()) is not None:
            return locked
    return None


def select_duplicates(job: Job) -> QuerySet[Job]:
    """Return the jobs that have or will have the text of `job`, best first: completed, at first hand, newest."""
    is_complete = Q(state=JobState.COMPLETED, transcript__is_complete=True)
    is_at_work = Q(state__in=ACTIVE_STATES, reused_from__isnull=True)
    return (
        Job.objects.filter(
            is_complete | is_at_work,
            owner=job.owner_id,
            recording__sha256=job.recording.sha256,
            options=job.options,
            model_checksum=job.model_checksum,
        )
        .annotate(
            has_text=ExpressionWrapper(Q(state=JobState.COMPLETED), BooleanField()),
            at_first_hand=ExpressionWrapper(Q(reused_from__isnull=True), BooleanField()),
        )
        .order_by("-has_text", "-at_first_hand", "-created_at", "-id")
    )


def complete_by_reuse(job: Job, original: Job) -> None:
    """Complete a pending job with the text of `original`; both rows must be locked.

    Raises:
        StateChanged: the job is no longer pending.
    """
    fields = {
        "progress": 100.0,
        "finished_at": now_in_database(),
        "engine": original.engine,
        "warning": original.warning,
        "needs_review": original.needs_review,
        "reused_from": original,
    }
    reason = "the text of an earlier job with the same audio was taken over"
    details = {"reused_from": str(original.pk)}
    with transaction.atomic():
        copying.copy_result(original, job)
        transitions.change_state(job, JobState.COMPLETED, reason=reason, fields=fields, details=details)


def settle_ended(job_id: UUID, **_signal: Any) -> None:
    """Serve the jobs that wait for one whose run has ended; the signal `run_ended` calls it.

    The reaper makes up for calls that were lost with their process.
    """
    settle_waiting(job_id)


def settle_waiting(original_id: UUID) -> int:
    """Complete or restart the jobs that wait for the text of `original_id`; return in how many transactions.

    Where it completed, each takes over its text, in a transaction of its own: texts may be long, and the jobs many.
    Otherwise the oldest runs, and the others wait for that one. Several may do this at once.
    """
    settled = 0
    while select_waiting(original_id).exists() and settle_next(original_id):
        settled += 1
    return settled


def settle_next(original_id: UUID) -> bool:
    """Settle the next job that waits for `original_id`; False when none can be.

    Jobs that its text does not serve are settled together.
    """
    with transaction.atomic():
        original = lock_original(original_id)
        if original is not None and original.is_active:
            return False
        waiting = lock_waiting(original_id)
        unserved = list(waiting.exclude(model_checksum=get_model_checksum(original)))
        if unserved:
            run_oldest(unserved)
            return True
        job = waiting.first()
        if original is None or job is None:
            return False
        complete_by_reuse(job, original)
    return True


def settle_stranded() -> int:
    """Settle the jobs whose original ended or went without them; return how many there were."""
    return sum(settle_waiting(original_id) for original_id in list_ended_originals())


def lock_original(job_id: UUID) -> Job | None:
    """Return a job, its row locked until the transaction ends; None when it was deleted."""
    return Job.objects.lock().filter(pk=job_id).first()


def select_waiting(original_id: UUID) -> QuerySet[Job]:
    """Return the jobs without a step that wait for the text of `original_id`; others that name it have completed.

    Asked for the state itself, SQLite would read all that is pending.
    """
    return Job.objects.filter(reused_from=original_id).exclude(state=JobState.COMPLETED)


def lock_waiting(original_id: UUID) -> QuerySet[Job]:
    """Return the jobs that wait for `original_id`; reading locks their rows, so lock `original_id` before.

    In the order in which others lock several: or two might wait for each other.
    """
    waiting = select_waiting(original_id).select_related("recording").defer("recording__peaks")
    return waiting.order_by("pk").select_for_update(no_key=True, of=("self",))


def list_ended_originals() -> list[UUID]:
    """Return the ids of jobs for which others still wait although they have ended or were deleted."""
    first = Job.objects.active().filter(pk=OuterRef("reused_from_id"))
    stranded = Job.objects.filter(~Exists(first), state=JobState.PENDING, reused_from__isnull=False)
    ids = stranded.order_by().values_list("reused_from_id", flat=True).distinct()
    return [original_id for original_id in ids if original_id is not None]


def get_model_checksum(first: Job | None) -> str:
    """Return the checksum of the model by which `first` has a whole text; empty where it has none."""
    if first is None or first.state != JobState.COMPLETED:
        return ""
    return first.model_checksum if Transcript.objects.filter(job=first.pk, is_complete=True).exists() else ""


def run_oldest(waiting: list[Job]) -> None:
    """Let the oldest of `waiting` run by itself, and the others wait for that one; their rows must be locked."""
    oldest, *others = sorted(waiting, key=lambda job: (job.created_at, job.pk))
    Job.objects.filter(pk=oldest.pk).update(reused_from=None, updated_at=now_in_database())
    enqueue.enqueue_job(oldest)
    events.record_event(oldest, events.REUSE_FAILED, reason="what it waited for gave no text")
    Job.objects.filter(pk__in=[job.pk for job in others]).update(reused_from=oldest, updated_at=now_in_database())
    job_feed.publish(others, job_feed.CHANGED)


def select_reuses(job_ids: list[UUID]) -> QuerySet[Job]:
    """Return the jobs that took their text over from one of `job_ids`, or wait for it."""
    return Job.objects.filter(reused_from__in=job_ids)
