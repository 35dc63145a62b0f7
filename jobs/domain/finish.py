"""The last step of a job: join the text, analyse it, complete the job."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analysis import DEFAULT_CATEGORIES, Analysis, analyse
from jobs.domain import leases, progress, queries, transitions
from jobs.models import Job, Transcript
from jobs.states import Stage


def finish_job(lease: leases.Lease) -> None:
    """Do the finish step held by `lease`: the text is stored before it is analysed, so that nothing can lose it.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    job = lease.step.job
    text = store_text(lease, job)
    analysis = analyse(text, job.transcript.language or None, load_categories(settings.CATEGORIES_FILE))
    with transaction.atomic():
        leases.lock_job(job.pk)
        leases.complete_step(lease)
        Transcript.objects.filter(job=job).update(is_complete=True, **describe_analysis(analysis))
        transitions.complete_job(job)


def store_text(lease: leases.Lease, job: Job) -> str:
    """Join the segments, store text, word count and confidence, and return the text."""
    transcript = queries.read_transcript(job)
    with transaction.atomic():
        leases.lock_job(job.pk)
        leases.renew_lease(lease)
        Transcript.objects.filter(job=job).update(
            text=transcript.text,
            preview=progress.cut_preview(transcript.text),
            words=len(transcript.text.split()),
            confidence=transcript.confidence,
        )
        transitions.change_stage(job, Stage.ANALYSING)
    return transcript.text


def describe_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return the transcript's columns for what was found."""
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
    """Return the categories with their example phrases: from a JSON file {name: [phrase, …]}, or the built-in ones."""
    if not file:
        return {name: tuple(phrases) for name, phrases in DEFAULT_CATEGORIES.items()}
    loaded: dict[str, list[str]] = json.loads(Path(file).read_text(encoding="utf-8"))
    return {name: tuple(phrases) for name, phrases in loaded.items()}
