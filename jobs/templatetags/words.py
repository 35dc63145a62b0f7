"""Puts codes into plain words: what happened to a job, why, and why something was not found out."""

from django import template

from jobs.domain import events
from jobs.domain.reasons import ERROR_WORDS, describe_code
from jobs.models import Job, JobEvent
from jobs.states import JobState

register = template.Library()

EVENT_WORDS = {
    events.CREATED: "Added",
    events.STAGE: "Next stage",
    events.STEP_DONE: "A piece is done",
    events.RETRIED_STEP: "A piece is tried again",
    events.HANDED_BACK: "A worker handed a piece back",
    events.LEASE_EXPIRED: "A worker stopped answering, another takes over",
    events.RELEASED: "No longer waits for another job",
    events.READ: "Opened by staff",
    events.DISMISSED: "Dismissed",
    events.TAKEN_BACK: "Put back among the failed jobs",
}
CATEGORY_WORDS = {
    "category_model_missing": "The model for categories is missing",
    "language_not_supported": "Not for this language",
    "no_text": "There is no text",
    "analysis_failed": "It could not be found out",
}
# The reasons that a person waits or works in vain for; the others are as they should be.
CATEGORY_TROUBLE = {"category_model_missing", "analysis_failed"}


@register.filter
def event_word(event: JobEvent) -> str:
    """Return what happened, in plain words."""
    return JobState(event.state).label if event.kind == events.STATE else EVENT_WORDS[event.kind]


@register.filter
def code_words(code: str) -> str:
    """Return what the code of an error means, as a heading."""
    return describe_code(code)


@register.filter
def reason_words(reason: str) -> str:
    """Return why something happened; the domain gives either the code of an error or words of its own."""
    return ERROR_WORDS.get(reason, reason)


@register.filter
def category_words(reason: str) -> str:
    """Return why there is no category."""
    return CATEGORY_WORDS[reason]


@register.filter
def category_trouble(job: Job) -> str:
    """Return why a category is missing that should be there, in plain words; otherwise an empty text."""
    reason = getattr(getattr(job, "transcript", None), "category_reason", "")
    return CATEGORY_WORDS[reason] if reason in CATEGORY_TROUBLE else ""
