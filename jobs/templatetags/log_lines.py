"""The log of a job in plain words.

It says what happened, on which worker, with which engine.
"""

from typing import Any

from django import template

from jobs.domain.feed import events
from jobs.domain.reading.failures import clean_detail
from jobs.models import JobEvent
from jobs.states import JobState, StepKind
from jobs.templatetags.times import rough
from jobs.templatetags.words import event_word, reason_words

register = template.Library()

DONE_WORDS = {
    StepKind.PREPARE.value: "The audio is decoded and cut into pieces",
    StepKind.FINISH.value: "The text is joined and looked at",
}
STEP_NAMES = {StepKind.PREPARE.value: "Preparing", StepKind.FINISH.value: "Finishing"}
TURNS = {JobState.PROCESSING.value: "Started", JobState.PENDING.value: "Tried again"}
# What happened to one step, behind its name.
STEP_WORDS = {
    events.STEP_RESCHEDULED: "went wrong and is tried again",
    events.STEP_RELEASED: "was handed back",
    events.LEASE_EXPIRED: "lost its worker, another takes over",
}
FEW_SECONDS = 10


@register.filter
def log_line(event: JobEvent) -> str:
    """Return the heading of a line of the log."""
    if event.kind == events.STATE:
        return TURNS.get(event.state, JobState(event.state).label)
    if event.kind == events.STAGE:
        return f"{event.reason} began"
    if event.kind == events.STEP_DONE:
        return DONE_WORDS.get(event.details.get("step", ""), f"{get_step_name(event.details)} is transcribed")
    if event.kind in STEP_WORDS and "step" in event.details:
        return f"{get_step_name(event.details)} {STEP_WORDS[event.kind]}"
    return event_word(event)


@register.filter
def log_detail(event: JobEvent) -> str:
    """Return the details of an event in one line.

    Reason, error, worker, engine and speed.
    """
    details = event.details
    notes = [
        describe_reason(event),
        clean_detail(str(details.get("detail", ""))),
        describe_worker(details),
        describe_pace(details),
        f"again after {precise(details['retry_in'])}" if details.get("retry_in") else "",
        f"try {details['attempt']}" if details.get("attempt", 1) > 1 else "",
    ]
    text = " · ".join(note for note in notes if note)
    return text[:1].upper() + text[1:]


def describe_reason(event: JobEvent) -> str:
    """Return the reason of an event, unless its heading has it."""
    says_itself = event.kind in (events.STAGE, events.STEP_DONE, events.LEASE_EXPIRED)
    is_start = event.kind == events.STATE and event.state in TURNS
    return "" if says_itself or is_start else reason_words(event.reason)


def describe_worker(details: dict[str, Any]) -> str:
    """Return the worker and engine of an event."""
    worker = f"on {worker_words(details['worker'])}" if details.get("worker") else ""
    engine = f"with {details['engine']}" if details.get("engine") else ""
    return ", ".join(part for part in (worker, engine) if part)


def describe_pace(details: dict[str, Any]) -> str:
    """Return the length of a chunk and its computing time."""
    if not details.get("seconds") or not details.get("compute_seconds"):
        return ""
    return f"{rough(details['seconds'])} of audio in {precise(details['compute_seconds'])}"


def get_step_name(details: dict[str, Any]) -> str:
    """Return the name of an event's step.

    Chunks count from one.
    """
    return STEP_NAMES.get(details.get("step", ""), f"Piece {details.get('index', 0) + 1}")


def precise(seconds: float) -> str:
    """Return a short time, with a decimal below ten seconds.

    As in 4.2 s, 25 s, 2 min.
    """
    return f"{seconds:.1f} s" if seconds < FEW_SECONDS else rough(seconds)


@register.filter
def worker_words(worker: str) -> str:
    """Return a worker's name as people read it.

    The machine's with its cluster, and the process.
    """
    cluster, separator, process = worker.rpartition(":")
    return f"{cluster}, process {process}" if separator else worker


@register.filter
def times_speed(speed: float) -> str:
    """Return a speed as a multiple of real time."""
    return f"{speed:.1f}" if speed < FEW_SECONDS else f"{speed:.0f}"
