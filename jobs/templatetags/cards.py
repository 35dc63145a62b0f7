"""How a job is told on cards and pages: icon and word of its state, time left, confidence, sentiment."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from engine import EmptyFile, NoAudioTrack, UnreadableMedia
from jobs.domain.failures import read_last_error
from jobs.domain.reasons import is_lasting_error
from jobs.models import Job, Segment
from jobs.states import JobState, Stage, StepState
from jobs.templatetags.times import clock, rough

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
SEGMENT_LINE = (
    '<div class="segment" id="s{0}" data-start="{1}" data-end="{2}" data-words="{3}">'
    '<a class="segment-time figures" href="#s{0}" title="Play from here">{4}</a><p class="segment-text">{5}</p></div>'
)


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
    """Return what a processing job is doing, in lower case; empty in other states."""
    return Stage(job.stage).label.lower() if job.stage and job.state == JobState.PROCESSING else ""


@register.filter
def ended_word(job: Job) -> str:
    """Return how a job ended, as it stands before the time."""
    return "Finished" if job.state == JobState.COMPLETED else JobState(job.state).label


@register.filter
def time_left(job: Job) -> str:
    """Return how long a job still takes at the speed measured so far, or an empty text."""
    seconds = job.estimate_eta(timezone.now())
    return f"{rough(seconds)} left" if seconds is not None else ""


@register.filter
def percent(share: float | None) -> str:
    """Return a share of 1 as whole percent, or an empty text."""
    return "" if share is None else f"{round(share * 100)} %"


@register.filter
def is_silent(job: Job) -> bool:
    """Tell whether a job is done and nobody spoke in its audio."""
    transcript = getattr(job, "transcript", None)
    return job.state == JobState.COMPLETED and (transcript is None or not transcript.words)


@register.filter
def fails_again(job: Job) -> bool:
    """Tell whether a failed job would fail in the same way if it were tried again."""
    return job.state == JobState.FAILED and is_lasting_error(job.error_code)


@register.filter
def last_error(job: Job) -> str:
    """Return what the last try of a failed job said, where the list was read with it."""
    return read_last_error(job)


@register.filter
def has_sound(job: Job) -> bool:
    """Tell whether there may be something to listen to."""
    return job.state != JobState.FAILED or job.error_code not in NO_SOUND


@register.simple_tag
def segment_line(segment: Segment) -> SafeString:
    """Return a line of the transcript; not a template, as a recording of hours has thousands of them."""
    start, end = f"{segment.start:.2f}", f"{segment.end:.2f}"
    return format_html(SEGMENT_LINE, segment.pk, start, end, word_times(segment), clock(segment.start), segment.text)


def word_times(segment: Segment) -> str:
    """Return the words of a segment as "start,place …": seconds, and where in its text each begins."""
    places = []
    cursor = 0
    for start, _end, word, _probability in segment.words:
        place = segment.text.find(word.strip(), cursor)
        if place >= 0:
            places.append(f"{start:.2f},{place}")
            cursor = place + len(word.strip())
    return " ".join(places)
