"""Plain words for the codes of events, errors and flags."""

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
# The reasons of review spots; each stands alone at its spot.
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
# For a text without flags of the whole, whose spots or words make it doubtful.
DOUBTFUL_WORDS = "Parts of the text may be wrong or missing."
# The reasons that leave a person waiting or working in vain; the others are as they should be.
CATEGORY_TROUBLE = {"category_model_missing", "analysis_failed"}


@register.filter
def event_word(event: JobEvent) -> str:
    """Return an event in plain words."""
    return JobState(event.state).label if event.kind == events.STATE else EVENT_WORDS[event.kind]


@register.filter
def code_words(code: str) -> str:
    """Return the meaning of an error code as a heading."""
    return describe_code(code)


@register.filter
def reason_words(reason: str) -> str:
    """Return a reason in plain words.

    The domain has either the code of an error or words of its own.
    """
    return ERROR_WORDS.get(reason, reason)


@register.filter
def category_words(reason: str) -> str:
    """Return why there is no category."""
    return CATEGORY_WORDS[reason]


@register.filter
def category_trouble(job: Job) -> str:
    """Return the trouble behind a missing category, otherwise ""."""
    reason = getattr(getattr(job, "transcript", None), "category_reason", "")
    return CATEGORY_WORDS[reason] if reason in CATEGORY_TROUBLE else ""


@register.filter
def spot_words(flags: Iterable[str]) -> str:
    """Return the reasons of a review spot as one line."""
    first, *others = (SPOT_WORDS[flag] for flag in flags)
    return ", ".join([first, *(f"{words[0].lower()}{words[1:]}" for words in others)])


@register.filter
def review_words(job: Job) -> list[str]:
    """Return the reasons for a review, a sentence each.

    Empty where none is needed.
    """
    transcript = getattr(job, "transcript", None)
    if transcript is None or not job.needs_review:
        return []
    known = {
        "language": language_name(transcript.language),
        "sure": percent(transcript.language_probability),
        "coverage": percent(transcript.coverage),
    }
    # A number and its percent sign stay on one line.
    told = {name: words.replace(" %", "\N{NO-BREAK SPACE}%") for name, words in known.items()}
    return [TRANSCRIPT_WORDS[flag].format(**told) for flag in transcript.flags] or [DOUBTFUL_WORDS]
