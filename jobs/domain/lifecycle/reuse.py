"""The same audio again: finds the job that has, or will have, its text, and the jobs that wait for one."""

from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from foundation.database.clock import now_in_database
from jobs.domain.feed import events, job_feed
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
