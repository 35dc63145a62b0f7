"""The states of jobs and steps, and which change is allowed from which state."""

from django.db.models import TextChoices


class JobState(TextChoices):
    """Where a job stands; every change goes through jobs.domain.lifecycle.transitions."""

    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Stage(TextChoices):
    """What a processing job is doing."""

    PREPARING = "preparing", "Preparing"
    TRANSCRIBING = "transcribing", "Transcribing"
    ANALYSING = "analysing", "Analysing"


class StepKind(TextChoices):
    """The three kinds of work that a worker claims."""

    PREPARE = "prepare", "Prepare"
    CHUNK = "chunk", "Chunk"
    FINISH = "finish", "Finish"


class StepState(TextChoices):
    """Where a step stands; a running step is held by a lease."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class RecordingState(TextChoices):
    """Whether a recording still arrives, piece by piece; jobs.domain.intake.recorder makes it ready."""

    RECEIVING = "receiving", "Receiving"
    READY = "ready", "Ready"


class LossReason(TextChoices):
    """Why a recorder heard nothing, or nothing good."""

    MUTED = "muted", "The microphone was muted"
    SILENCE = "silence", "No sound reached the microphone"
    CLIPPED = "clipped", "The sound was too loud"
    MICROPHONE_LOST = "microphone_lost", "The microphone went away"
    SUSPENDED = "suspended", "The browser paused the page"
    INTERRUPTED = "interrupted", "The page was closed or ended"


JOB_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    # A pending job completes at once when it takes over the text of another with the same audio.
    JobState.PENDING: frozenset({JobState.PROCESSING, JobState.COMPLETED, JobState.CANCELLED, JobState.FAILED}),
    JobState.PROCESSING: frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}),
    JobState.COMPLETED: frozenset(),
    JobState.FAILED: frozenset({JobState.PENDING}),
    JobState.CANCELLED: frozenset({JobState.PENDING}),
}
ACTIVE_STATES = (JobState.PENDING, JobState.PROCESSING)
RETRYABLE_STATES = (JobState.FAILED, JobState.CANCELLED)
# The order of cards on the home page.
CARD_ORDER = (
    JobState.PROCESSING,
    JobState.PENDING,
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.COMPLETED,
)


def can_change(old: JobState, new: JobState) -> bool:
    """Whether a job may go from `old` to `new`."""
    return new in JOB_TRANSITIONS[old]
