"""The words and icons of a job on cards and pages."""

from django import template
from django.utils import timezone

from engine import LANGUAGE_UNCERTAIN, EmptyFile, NoAudioTrack, UnreadableMedia
from jobs.domain.base.reasons import is_lasting_error
from jobs.domain.reading.failures import read_last_error
from jobs.models import Job
from jobs.states import JobState, Stage, StepState
from jobs.templatetags.times import rough

register = template.Library()

STATE_ICONS: dict[str, str] = {
    JobState.PENDING: "hourglass-line",
    JobState.PROCESSING: "loader-4-line",
    JobState.COMPLETED: "check-line",
    JobState.FAILED: "error-warning-line",
    JobState.CANCELLED: "forbid-line",
    StepState.WAITING: "hourglass-line",
    StepState.RUNNING: "loader-4-line",
    StepState.DONE: "check-line",
}
SENTIMENT_ICONS = {
    "positive": "emotion-happy-line",
    "neutral": "emotion-normal-line",
    "negative": "emotion-unhappy-line",
}
NO_SOUND = frozenset(kind.code for kind in (EmptyFile, NoAudioTrack, UnreadableMedia))


@register.filter
def state_icon(state: str) -> str:
    """Return the icon of a job's or step's state."""
    return STATE_ICONS[state]


@register.filter
def sentiment_icon(label: str) -> str:
    """Return the icon of a sentiment."""
    return SENTIMENT_ICONS[label]


@register.filter
def stage_word(job: Job) -> str:
    """Return the stage of a processing job, in lower case.

    Empty in other states.
    """
    return Stage(job.stage).label.lower() if job.stage and job.state == JobState.PROCESSING else ""


@register.filter
def ended_word(job: Job) -> str:
    """Return the word for a job's end, before the time."""
    return "Finished" if job.state == JobState.COMPLETED else JobState(job.state).label


@register.filter
def time_left(job: Job) -> str:
    """Return the time that a job still takes, or "".

    At the speed measured so far.
    """
    seconds = job.estimate_eta(timezone.now())
    return f"{rough(seconds)} left" if seconds is not None else ""


@register.filter
def percent(share: float | None) -> str:
    """Return a share of 1 as whole percent, or an empty text."""
    return "" if share is None else f"{round(share * 100)} %"


@register.filter
def is_silent(job: Job) -> bool:
    """Whether a job is done and its audio has no speech.

    Speech without any text is something else.
    """
    transcript = getattr(job, "transcript", None)
    return job.state == JobState.COMPLETED and (
        transcript is None or not (transcript.words or transcript.coverage is not None)
    )


@register.filter
def fails_again(job: Job) -> bool:
    """Whether a failed job would fail in the same way again."""
    return job.state == JobState.FAILED and is_lasting_error(job.error_code)


@register.filter
def last_error(job: Job) -> str:
    """Return the last error of a failed job.

    The list must have been read with it.
    """
    return read_last_error(job)


@register.filter
def has_sound(job: Job) -> bool:
    """Whether there may be sound to play."""
    return bool(job.recording.audio) and (job.state != JobState.FAILED or job.error_code not in NO_SOUND)


@register.filter
def is_language_uncertain(job: Job) -> str:
    """Return the percentage of an uncertain language, otherwise ""."""
    transcript = getattr(job, "transcript", None)
    if transcript is None or LANGUAGE_UNCERTAIN not in transcript.flags:
        return ""
    return percent(transcript.language_probability)
