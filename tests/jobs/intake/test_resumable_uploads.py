"""A whole upload becomes a job with its audio, or nothing."""

from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError

from accounts.models import User
from jobs import conf
from jobs.domain.base import storage
from jobs.domain.intake import resumable_uploads
from jobs.models import Recording, Upload

CONTENT = bytes(range(256))


@pytest.fixture
def whole(transactional_db, data_dir):
    """An upload whose bytes are all here."""
    anna = User.objects.create_user("anna")
    upload = resumable_uploads.create_upload(anna, resumable_uploads.NewUpload(len(CONTENT), name="talk.wav"))
    storage.get_upload_path(upload.pk).write_bytes(CONTENT)
    return upload


def list_audio():
    return [path.name for path in Path(conf.get_data_dir() / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("is_late", "rows"), [(True, 1), (False, 0)])
def test_a_connection_that_breaks_while_it_commits_costs_no_audio(whole, break_commit, is_late, rows):
    break_commit(OperationalError("server closed the connection"), is_late=is_late)
    with pytest.raises(OperationalError):
        resumable_uploads.ingest(whole)
    assert (Recording.objects.count(), list_audio()) == (rows, ["audio.wav"])
    assert storage.measure_upload(whole.pk) == len(CONTENT)


def test_a_commit_that_the_database_refuses_leaves_no_audio_behind(whole, break_commit):
    break_commit(IntegrityError("the owner is gone"), is_late=False)
    with pytest.raises(IntegrityError):
        resumable_uploads.ingest(whole)
    assert (Recording.objects.count(), list_audio()) == (0, [])


def test_audio_that_cannot_be_placed_leaves_nothing_behind(whole, monkeypatch):
    monkeypatch.setattr(storage, "sync_audio", lambda _recording: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        resumable_uploads.ingest(whole)
    assert (Recording.objects.count(), list_audio(), Upload.objects.get().finished_at) == (0, [], None)
