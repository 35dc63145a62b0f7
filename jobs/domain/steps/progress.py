"""The progress of a job and the time to finish it.

Progress is seconds of audio done over seconds of audio.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from jobs.domain.feed import job_feed
from jobs.domain.queue.leases import lock_job
from jobs.models import Chunk, Job, Segment, Step, Transcript
from jobs.models.transcript import PREVIEW_LENGTH
from jobs.states import JobState, StepKind, StepState

# A few segments fill any preview.
PREVIEW_SEGMENTS = 12


def update_progress(job: Job, *, run_starts: bool = False) -> None:
    """Store how much of the audio of `job` is done, in percent.

    The row's lock also serialises last chunks. With `run_starts` it is remembered as the point that this run's speed is
    measured from.
    """
    with transaction.atomic():
        # Before anything is read: a process that has waited here would store what was true before.
        job_feed.lock_jobs([job.pk])
        sums = Chunk.objects.filter(job=job).aggregate(done=Sum("seconds_done"), total=Sum(F("end") - F("start")))
        percent = min(100.0, 100 * sums["done"] / sums["total"]) if sums["total"] else 0.0
        fields: dict[str, Any] = {"progress": percent, "updated_at": now_in_database()}
        if run_starts:
            fields["progress_before"] = percent
        if Job.objects.filter(pk=job.pk, state=JobState.PROCESSING).update(**fields):
            job.progress = percent
            job_feed.publish([job], job_feed.PROGRESS)


def update_preview(job: Job) -> None:
    """Store the beginning of the text that there is so far."""
    texts = Segment.objects.filter(job=job).order_by("start", "index").values_list("text", flat=True)
    preview = cut_preview(" ".join(text.strip() for text in texts[:PREVIEW_SEGMENTS]))
    Transcript.objects.filter(job=job).update(preview=preview)


def cut_preview(text: str) -> str:
    """Return the beginning of `text` cut at a word.

    An ellipsis stands for what is left out.
    """
    if len(text) <= PREVIEW_LENGTH:
        return text
    return text[: PREVIEW_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def finish_if_all_chunks_done(job: Job) -> bool:
    """Make the finish step runnable when every chunk is done.

    Only of a processing job. Doing it twice makes one step.
    """
    with transaction.atomic():
        if lock_job(job.pk) != JobState.PROCESSING:
            return False
        if Chunk.objects.filter(job=job).exclude(state=StepState.DONE).exists():
            return False
        step, created = Step.objects.get_or_create(
            job=job,
            kind=StepKind.FINISH,
            index=0,
            defaults={"owner_id": job.owner_id, "due_at": job.created_at, "runnable_at": now_in_database()},
        )
        if not created:
            Step.objects.filter(pk=step.pk, state=StepState.FAILED).update(
                state=StepState.WAITING,
                attempts=0,
                due_at=job.created_at,
                runnable_at=now_in_database(),
                error_code="",
            )
        wake_workers(Step)
        return True
