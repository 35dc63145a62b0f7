"""How a job enters the queue: its first step, and when that is due."""

from datetime import timedelta

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from jobs import conf
from jobs.models import Job, Recording, Step
from jobs.states import StepKind


def enqueue_job(job: Job) -> Step:
    """Give a pending job its first step, due as if its audio were transcribed in real time, and nudge a worker."""
    step = Step.objects.create(
        job=job,
        owner_id=job.owner_id,
        kind=StepKind.PREPARE,
        due_at=job.created_at + timedelta(seconds=estimate_seconds(job.recording)),
        runnable_at=now_in_database(),
    )
    wake_workers(Step)
    return step


def estimate_seconds(recording: Recording) -> float:
    """Return the length of a recording in seconds: as probed, or else what its bytes usually hold."""
    return recording.bytes / conf.USUAL_BYTES_PER_SECOND if recording.seconds is None else recording.seconds
