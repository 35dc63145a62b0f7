"""People, recordings and jobs for the tests of the domain."""

import pytest
from django.db import connection

from accounts.models import User
from engine import ChunkTranscript, Segment, Word
from foundation.database import clock
from jobs.domain.base import engines, storage
from jobs.domain.intake import submit
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import leases
from jobs.domain.steps import prepare_step, transcribe_step
from jobs.models import Step
from tests.jobs.sounds import build_preparation, build_upload, build_wav


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna", password="correct horse battery")


@pytest.fixture
def ben(db):
    return User.objects.create_user("ben", password="correct horse battery")


@pytest.fixture(scope="session")
def warm_child():
    """One child of the fake engine for the tests that share it."""
    yield
    engines.holder.close()


@pytest.fixture
def data_dir(settings, tmp_path, warm_child):
    """A data folder of the test's own, with the fake engine."""
    settings.ENGINE = "fake"
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TEMPORARY_DIR = tmp_path / "incoming"
    settings.TEMPORARY_DIR.mkdir()
    settings.MIN_FREE_MB = 0
    engines.remember_model.cache_clear()
    yield tmp_path
    engines.remember_model.cache_clear()


@pytest.fixture
def slow_engine(settings, data_dir):
    """An engine with half a second of work for each of sound.

    In a child of the test's own.
    """
    engines.holder.close()
    settings.FAKE_ENGINE_DELAY = 0.5
    yield engines.holder
    engines.holder.close()


@pytest.fixture
def make_job(data_dir):
    """Submit sound (or whole files) as a job that runs.

    Also where another has the same sound.
    """

    def make(owner, seconds=3.0, *, content=None, force=True, **options):
        return submit.submit_upload(owner, build_upload(content or build_wav(seconds)), force=force, **options)

    return make


@pytest.fixture
def claim():
    """Claim the best step and start its job, as workers do."""

    def take():
        lease = leases.claim_step()
        if lease.step.job.state == "pending":
            transitions.start_job(lease.step.job, "worker")
        return lease

    return take


@pytest.fixture
def make_prepared(make_job, claim):
    """A job whose chunks wait, without the engine having been asked."""

    def make(owner, chunks=2, **options):
        job = make_job(owner)
        lease = claim()
        assert lease.step.job_id == job.pk
        draft = storage.get_draft_copy(job.pk, lease.token)
        prepare_step.store_preparation(lease, draft, build_preparation(chunks, **options))
        job.refresh_from_db()
        return job

    return make


@pytest.fixture
def say():
    """Complete a claimed chunk with one segment of text."""

    def store(lease, text="so it was said"):
        start = lease.step.start
        words = tuple(Word(start, start + 1, word, 0.9) for word in text.split())
        segments = (Segment(start, start + 1, text, 0.8, words),) if text else ()
        transcribe_step.store_result(lease, lease.step.job, ChunkTranscript(lease.step.index, segments, "en", 0.9, 1.0))

    return store


@pytest.fixture
def expire():
    """Let the lease of a step run out."""

    def rewrite(lease):
        Step.objects.filter(pk=lease.step.pk).update(lease_expires_at=clock.now_in_database(-1))

    return rewrite


@pytest.fixture
def break_commit(monkeypatch):
    """Make the next commit raise an error.

    After it has happened, or without it.
    """

    def patch(error, *, is_late):
        def commit():
            monkeypatch.undo()
            if is_late:
                connection.commit()
            else:
                connection.rollback()
            raise error

        monkeypatch.setattr(connection, "commit", commit)

    return patch
