"""The reads of pages and the API for one person.

They are limited to what the person may see.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from engine import ChunkTranscript, Span, Transcript, Word, join_chunks
from engine import Segment as EngineSegment
from jobs.domain.base.notes import list_notes
from jobs.models import Chunk, Job, JobEvent, JobQuerySet, Recording, RecordingQuerySet, Segment
from jobs.states import ACTIVE_STATES, CARD_ORDER, JobState, StepState

if TYPE_CHECKING:
    from accounts.models import User

# The filter of completed jobs that need a review.
REVIEW = "review"
COUNT_LIMIT = 1000
CARD_LIMIT = 60


@dataclass(frozen=True, slots=True)
class JobCounts:
    """The numbers of a user's jobs.

    `failed` leaves out dismissed ones; each number stops at COUNT_LIMIT.
    """

    all: int
    active: int
    failed: int


def visible_jobs(user: "User") -> JobQuerySet:
    """Return the user's jobs without the heavy columns.

    Each has its recording and transcript. `earlier_title` is that of the job's `reused_from`, None once it was deleted.
    """
    earlier = Job.objects.filter(pk=OuterRef("reused_from_id"), owner=OuterRef("owner")).values("recording__title")
    return (
        Job.objects.owned_by(user)
        .select_related("recording", "transcript")
        .defer("recording__peaks", "transcript__text")
        .annotate(earlier_title=Subquery(earlier))
    )


def visible_recordings(user: "User") -> RecordingQuerySet:
    """Return the user's ready recordings without the heavy columns."""
    return Recording.objects.owned_by(user).ready().defer("peaks")


def recordings_with_jobs(user: "User") -> RecordingQuerySet:
    """Return the user's recordings with their jobs, newest first."""
    jobs = Job.objects.select_related("transcript").defer("transcript__text").newest_first()
    return visible_recordings(user).prefetch_related(Prefetch("jobs", queryset=jobs))


def list_cards(user: "User", *, state: str = "", category: str = "", limit: int = CARD_LIMIT) -> list[Job]:
    """Return at most `limit` jobs in the order of the cards.

    By state as in CARD_ORDER, newest first in each.
    """
    keys = [key for key, _ in list_card_keys(user, state=state, category=category, limit=limit)]
    jobs = {job.pk: job for job in visible_jobs(user).filter(pk__in=keys)}
    return [jobs[key] for key in keys if key in jobs]


def list_card_keys(user: "User", *, state: str, category: str, limit: int) -> list[tuple[UUID, datetime]]:
    """Return id and last change of each card.

    One indexed query a state, until `limit` is reached.
    """
    found: list[tuple[UUID, datetime]] = []
    for shown in choose_states(state):
        if len(found) >= limit:
            break
        jobs = Job.objects.owned_by(user).filter(state=shown)
        if state == JobState.FAILED:  # the filter, which leaves out what is dismissed; among all jobs it is shown
            jobs = jobs.dead()
        if state == REVIEW:
            jobs = jobs.for_review()
        if category:
            jobs = jobs.filter(transcript__category=category)
        found += jobs.newest_first().values_list("pk", "updated_at")[: limit - len(found)]
    return found


def choose_states(state: str) -> tuple[JobState, ...]:
    """Return the states that a filter shows.

    All, those at work for "active", completed for REVIEW, or the one it names.
    """
    if state == "active":
        return tuple(shown for shown in CARD_ORDER if shown in ACTIVE_STATES)
    if state == REVIEW:
        return (JobState.COMPLETED,)
    return tuple(shown for shown in CARD_ORDER if not state or shown == state)


def fingerprint_cards(user: "User", *, state: str = "", category: str = "", limit: int = CARD_LIMIT) -> str:
    """Return a text that changes with the look of the cards."""
    keys = list_card_keys(user, state=state, category=category, limit=limit)
    return hash_lines([*(f"{key} {changed.isoformat()}" for key, changed in keys), str(count_jobs(user))])


def fingerprint_job(job: Job) -> str:
    """Return a text that changes with the look of a job's page."""
    return hash_lines([str(job.pk), job.updated_at.isoformat()])


def hash_lines(lines: list[str]) -> str:
    """Return a hash of some lines that fits into an ETag."""
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=12).hexdigest()


def count_jobs(user: "User") -> JobCounts:
    """Return the numbers of the user's jobs up to COUNT_LIMIT."""
    jobs = Job.objects.owned_by(user).order_by()
    return JobCounts(
        all=jobs[:COUNT_LIMIT].count(),
        active=jobs.active()[:COUNT_LIMIT].count(),
        failed=count_failed(user),
    )


def count_failed(user: "User") -> int:
    """Return the number of failed jobs up to COUNT_LIMIT.

    Dismissed ones do not count.
    """
    return Job.objects.owned_by(user).dead().order_by()[:COUNT_LIMIT].count()


def count_completed(user: "User") -> int:
    """Return the number of completed jobs up to COUNT_LIMIT.

    On its own because it is no part of the cards' fingerprint: the other counts change whenever this one does.
    """
    return Job.objects.owned_by(user).completed().order_by()[:COUNT_LIMIT].count()


def count_review(user: "User") -> int:
    """Return the number of jobs to review up to COUNT_LIMIT.

    It changes when a job completes or is deleted, and so is no part of the cards' fingerprint either.
    """
    return Job.objects.owned_by(user).for_review().order_by()[:COUNT_LIMIT].count()


def list_events(job: Job) -> QuerySet[JobEvent]:
    """Return the events of `job` with their actors, oldest first."""
    return JobEvent.objects.filter(job=job).select_related("actor").order_by("id")


def read_transcript(job: Job) -> Transcript:
    """Return the text of `job` as far as it is transcribed.

    Segments are in order, times in seconds.
    """
    return join_segments(job, list_segments(job).iterator())


def list_segments(job: Job, *, after: int = 0) -> QuerySet[Segment]:
    """Return the segments of `job` above the id `after`.

    They are in the order of speech.
    """
    return Segment.objects.filter(job=job, pk__gt=after).order_by("start", "index")


def join_segments(job: Job, rows: Iterable[Segment], *, with_coverage: bool = True) -> Transcript:
    """Return segments of `job` as a transcript.

    It has all that is known of the done part. Without the coverage only those chunks are read in which text is missing,
    so it costs little to ask often.
    """
    transcript = getattr(job, "transcript", None)
    language = transcript.language or None if transcript else None
    probability = transcript.language_probability if transcript else None
    chunks = Chunk.objects.filter(job=job, state=StepState.DONE)
    read = chunks if with_coverage else chunks.exclude(untranscribed=[])
    done = list(read.values_list("speech", "untranscribed"))
    untranscribed = build_spans(stretch for _, stretches in done for stretch in stretches)
    segments = tuple(build_segment(row) for row in rows)
    text = join_chunks(
        [ChunkTranscript(0, segments, language, probability, 0.0, untranscribed)],
        job.recording.seconds or 0.0,
        language,
        probability,
        speech_seconds=sum(end - start for speech, _ in done for start, end in speech) if with_coverage else None,
        gaps=build_spans(transcript.gaps) if transcript else (),
        flags=transcript.recording_flags if transcript else (),
    )
    return replace(text, notes=list_notes(job.recording))


def build_spans(stretches: Iterable[Iterable[float]]) -> tuple[Span, ...]:
    """Return stored stretches as the engine's type."""
    return tuple(Span(start, end) for start, end in stretches)


def build_segment(row: Segment) -> EngineSegment:
    """Return a stored segment as the engine's type."""
    words = tuple(Word(*word) for word in row.words)
    return EngineSegment(row.start, row.end, row.text, row.confidence, words, tuple(row.flags))
