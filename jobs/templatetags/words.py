"""Puts codes into plain words: what happened to a job, why, and why something was not found out."""

from collections.abc import Iterable

from django import template

from jobs.domain.base.reasons import ERROR_WORDS, describe_code
from jobs.domain.feed import events
from jobs.models import Job, JobEvent
from jobs.states import JobState
from jobs.templatetags.job_states import percent
from jobs.templatetags.site import language_name

register = template.Library()

EVENT_WORDS = {
    events.CREATED: "Added",
    events.STAGE: "Next stage",
    events.STEP_DONE: "A piece is done",
    events.STEP_RESCHEDULED: "A piece is tried again",
    events.STEP_RELEASED: "A worker handed a piece back",
    events.LEASE_EXPIRED: "A worker stopped answering, another takes over",
    events.REUSE_FAILED: "No longer waits for another job",
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
# Why a place of a text is doubtful; each stands alone at its place.
SPOT_WORDS = {
    "low_confidence": "Unsure of the words",
    "repetition": "Repeats itself",
    "text_in_silence": "Text where nobody seems to speak",
    "implausible_speed": "Spoken faster than anybody can",
    "speech_without_text": "Somebody speaks here, and no text was found",
    "gap": "Sound is missing here",
    "unsure_words": "May be wrong",
}
# What is wrong with a text as a whole; the braces are filled by `review_words`.
TRANSCRIPT_WORDS = {
    "clipped": "The recording is too loud and distorted in places, so words may be wrong there.",
    "quiet": "The recording is very quiet, so words may be wrong or missing.",
    "language_uncertain": "It may not be {language} ({sure} sure).",
    "low_coverage": "Only {coverage} of the speech that was heard has text.",
}
# Where the whole has no flag, but its places or its words make it doubtful.
DOUBTFUL_WORDS = "Parts of the text may be wrong or missing."
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


@register.filter
def spot_words(flags: Iterable[str]) -> str:
    """Return why a place is doubtful, in plain words, as one line."""
    first, *others = (SPOT_WORDS[flag] for flag in flags)
    return ", ".join([first, *(f"{words[0].lower()}{words[1:]}" for words in others)])


@register.filter
def review_words(job: Job) -> list[str]:
    """Return why the text of a job needs a review, a sentence each; empty where it needs none."""
    transcript = getattr(job, "transcript", None)
    if transcript is None or not job.needs_review:
        return []
    known = {
        "language": language_name(transcript.language),
        "sure": percent(transcript.language_probability),
        "coverage": percent(transcript.coverage),
    }
    # A number is not parted from its percent sign where a line ends.
    told = {name: words.replace(" %", "\N{NO-BREAK SPACE}%") for name, words in known.items()}
    return [TRANSCRIPT_WORDS[flag].format(**told) for flag in transcript.flags] or [DOUBTFUL_WORDS]
