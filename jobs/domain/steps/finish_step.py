"""The last step of a job: text, analysis and completion."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analysis import DEFAULT_CATEGORIES, Analysis, analyse
from engine import Transcript as JoinedText
from engine import needs_review
from foundation.database.outage import survive_outage
from jobs import conf
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import leases
from jobs.domain.queue.heartbeat import Heartbeat
from jobs.domain.reading import queries
from jobs.domain.steps import progress
from jobs.models import Job, Transcript
from jobs.states import Stage


def finish_job(lease: leases.Lease) -> None:
    """Do the finish step held by `lease`.

    The text is stored before it is analysed, so that nothing can lose it.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    job = lease.step.job
    transcript = survive_outage(lambda: store_text(lease, job))
    analysis = analyse_text(lease, transcript.text, job.transcript.language or None)
    survive_outage(lambda: complete_job(lease, job, analysis, is_doubtful=needs_review(transcript)))


def complete_job(lease: leases.Lease, job: Job, analysis: Analysis, *, is_doubtful: bool) -> None:
    """Store the analysis and complete the job if the lease holds.

    In one transaction.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        leases.complete_step(lease)
        Transcript.objects.filter(job=job).update(is_complete=True, **describe_analysis(analysis))
        transitions.complete_job(job, needs_review=is_doubtful)


def store_text(lease: leases.Lease, job: Job) -> JoinedText:
    """Join the segments and store the text.

    It is returned. Its confidence and coverage are stored too.
    """
    transcript = queries.read_transcript(job)
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        leases.renew_lease(lease)
        Transcript.objects.filter(job=job).update(
            text=transcript.text,
            preview=progress.cut_preview(transcript.text),
            words=len(transcript.text.split()),
            confidence=transcript.confidence,
            coverage=transcript.coverage,
            flags=list(transcript.flags),
            review_spot_count=len(transcript.review_spots),
        )
        transitions.change_stage(job, Stage.ANALYSING)
    return transcript


def analyse_text(lease: leases.Lease, text: str, language: str | None) -> Analysis:
    """Return the analysis of the text.

    When analysis has failed, or killed its worker, on every try but the last, that one goes without: the text is what
    matters, and it is there.
    """
    if 1 < lease.attempt >= conf.get_max_attempts():
        return Analysis(sentiment=None, category=None, category_reason="analysis_failed")
    categories = load_categories(settings.CATEGORIES_FILE)
    heartbeat = Heartbeat(lease)
    return analyse(text, language, categories, on_tick=lambda: heartbeat(0.0))


def describe_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return the transcript's columns for an analysis."""
    sentiment, category = analysis.sentiment, analysis.category
    return {
        "sentiment": sentiment.label if sentiment else "",
        "sentiment_score": sentiment.score if sentiment else None,
        "category": category.name if category else "",
        "category_score": category.score if category else None,
        "category_reason": analysis.category_reason or "",
    }


@lru_cache(maxsize=1)
def load_categories(file: str) -> dict[str, tuple[str, ...]]:
    """Return the categories with their example phrases.

    They are from a JSON file {name: [phrase, …]}, or the built-in ones.

    Raises:
        OSError: the file cannot be read.
        ValueError: it does not hold at least two categories with at least one phrase each.
    """
    if not file:
        return {name: tuple(phrases) for name, phrases in DEFAULT_CATEGORIES.items()}
    loaded = json.loads(Path(file).read_text(encoding="utf-8"))
    if not is_category_table(loaded):
        raise ValueError("at least two categories are needed, each a name with a list of phrases")
    return {name: tuple(phrases) for name, phrases in loaded.items()}


def is_category_table(loaded: Any) -> bool:
    """Whether `loaded` is an object of at least two names.

    Each must have a list of phrases that is not empty.
    """
    return (
        isinstance(loaded, dict)
        and len(loaded) > 1
        and all(isinstance(phrases, list) and phrases for phrases in loaded.values())
        and all(isinstance(phrase, str) for phrases in loaded.values() for phrase in phrases)
    )
