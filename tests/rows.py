"""Fixtures of people, recordings and jobs.

The tests of the API and the admin share them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile

from accounts.models import User
from jobs.domain.base import engines
from jobs.models import Job, JobEvent, Recording, Segment, Step, Transcript
from jobs.states import JobState, StepKind, StepState

AUDIO = bytes(range(256)) * 4


@pytest.fixture(autouse=True)
def fake_engine(settings: Any) -> Iterator[None]:
    settings.ENGINE = "fake"
    engines.remember_model.cache_clear()
    cache.clear()  # rate limits count there
    yield
    engines.remember_model.cache_clear()


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("anna", password="a long password")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("boris", password="a long password")


@pytest.fixture
def make_recording(owner: User) -> Callable[..., Recording]:
    def make(**fields: Any) -> Recording:
        known = {
            "owner": owner,
            "title": "Interview",
            "original_name": "talk.wav",
            "media_type": "audio/wav",
            "audio": ContentFile(AUDIO, name="talk.wav"),
            "bytes": len(AUDIO),
            "sha256": "ab" * 32,
            "seconds": 12.5,
            "source": "uploaded",
        }
        return Recording.objects.create(**{**known, **fields})

    return make


@pytest.fixture
def recording(make_recording: Callable[..., Recording]) -> Recording:
    return make_recording()


@pytest.fixture
def make_job(owner: User, make_recording: Callable[..., Recording]) -> Callable[..., Job]:
    def make(**fields: Any) -> Job:
        job = Job.objects.create(
            **{"owner": owner, "recording": fields.pop("recording", None) or make_recording(), **fields}
        )
        JobEvent.objects.create(job=job, kind="created", state=job.state, actor=owner)
        return job

    return make


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    return make_job()


@pytest.fixture
def make_done_job(make_job: Callable[..., Job]) -> Callable[..., Job]:
    def make(**fields: Any) -> Job:
        job = make_job(**{"state": JobState.COMPLETED, "progress": 100, **fields})
        step = Step.objects.create(
            job=job, owner=job.owner, kind=StepKind.CHUNK, state=StepState.DONE, runnable_at=job.created_at
        )
        Segment.objects.create(
            job=job,
            chunk=step,
            index=0,
            start=0.5,
            end=2,
            text="Ever tried.",
            confidence=0.9,
            words=[[0.5, 1, "Ever", 0.9], [1, 2, " tried.", 0.8]],
        )
        Transcript.objects.create(
            job=job,
            text="Ever tried.",
            preview="Ever tried.",
            words=2,
            is_complete=True,
            language="en",
            language_probability=0.99,
            confidence=0.9,
            sentiment="neutral",
            sentiment_score=0.1,
            category="Literature",
            category_score=0.6,
        )
        return job

    return make


@pytest.fixture
def done_job(make_done_job: Callable[..., Job]) -> Job:
    return make_done_job()


@pytest.fixture
def make_doubtful_job(make_done_job: Callable[..., Job]) -> Callable[..., Job]:
    """A completed job with three review spots.

    In an uncertain language: unsure words, a segment, missing text.
    """

    def make(**fields: Any) -> Job:
        job = make_done_job(**{"needs_review": True, **fields})
        step = Step.objects.filter(job=job).get()
        Step.objects.filter(pk=step.pk).update(speech=[[0, 10]], untranscribed=[[6, 9]])
        words = [[2.5, 3, "Ever", 0.3], [3, 3.5, " failed,", 0.4], [3.5, 4, " no", 0.9]]
        Segment.objects.create(
            job=job, chunk=step, index=1, start=2.5, end=4, text="Ever failed, no", confidence=0.5, words=words
        )
        Segment.objects.create(
            job=job,
            chunk=step,
            index=2,
            start=4,
            end=5,
            text="matter matter",
            confidence=0.9,
            flags=["repetition", "low_confidence"],
        )
        Transcript.objects.filter(job=job).update(
            language="de",
            language_probability=0.52,
            flags=["language_uncertain", "low_coverage"],
            coverage=0.7,
            review_spot_count=3,
        )
        return Job.objects.get(pk=job.pk)

    return make


@pytest.fixture
def doubtful_job(make_doubtful_job: Callable[..., Job]) -> Job:
    return make_doubtful_job()


@pytest.fixture
def one_a_minute(settings: Any) -> None:
    """A limit of one submission a minute for each person."""
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "submit": "1/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
