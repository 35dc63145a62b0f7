"""The ends of uploads when several things happen at once.

Nothing that is acknowledged, or being written, gets lost.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jobs.domain.base import storage
from jobs.domain.intake import quota, recorder, resumable_uploads
from jobs.errors import RecordingClosed
from jobs.models import Recording, Upload

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def recording(owner):
    return recorder.open_recording(owner, "key", recorder.Changes(title="Talk"))[0]


def test_one_that_is_being_written_to_does_not_expire(sender):
    sender.begin(len(CONTENT))
    upload = Upload.objects.get()
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=49))
    with resumable_uploads.UploadFile(upload):
        assert (resumable_uploads.remove_expired(), storage.get_upload_path(upload.pk).exists()) == (0, True)
    assert (resumable_uploads.remove_expired(), storage.get_upload_path(upload.pk).exists()) == (1, False)


def test_one_that_was_gone_on_with_meanwhile_does_not_expire(sender):
    address = sender.begin(len(CONTENT))
    late, old = Upload.objects.get(), Upload.objects.filter(touched_at__lt=timezone.now())
    sender.add(address, 0, CONTENT[:100])
    assert (resumable_uploads.remove_if_left(late, old), sender.send("HEAD", address).offset) == (False, 100)


def test_whole_parts_of_a_recording_that_still_arrives_count_towards_the_quota(sender, owner, recording):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT, upload_length=len(CONTENT))
    assert quota.measure_quota(owner).bytes_used == len(CONTENT)
    recorder.finish_recording(recording, owner, recorder.Changes(), 1)
    assert quota.measure_quota(owner).bytes_used == len(CONTENT)


def test_an_empty_one_does_not_keep_the_sweep_from_the_others(sender):
    for length in (0, len(CONTENT)):
        sender.begin(length)
    storage.get_upload_path(Upload.objects.get(length=len(CONTENT)).pk).write_bytes(CONTENT)
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=1))
    assert (resumable_uploads.ingest_stranded(), Recording.objects.count()) == (1, 1)


def test_a_piece_that_comes_after_its_part_was_closed_is_not_acknowledged(sender, owner, recording):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT[:100])
    late = Upload.objects.get()
    recorder.finish_recording(recording, owner, recorder.Changes(), None)
    with resumable_uploads.UploadFile(late) as file:
        file.append(CONTENT[100:200])
        with pytest.raises(RecordingClosed):
            resumable_uploads.store_progress(late, file.offset)


def test_a_length_told_to_another_request_is_not_forgotten(sender):
    address = sender.begin()
    late = Upload.objects.get()
    sender.add(address, 0, CONTENT[:100], upload_length=len(CONTENT))
    with resumable_uploads.UploadFile(late) as file:
        resumable_uploads.store_progress(late, file.offset)
    assert Upload.objects.get().length == len(CONTENT)


def test_a_length_below_what_is_here_is_refused(sender):
    address = sender.begin()
    sender.add(address, 0, CONTENT[:100])
    assert sender.add(address, 100, upload_length=99).code == "upload_length_mismatch"
    assert Upload.objects.get().length is None


def test_the_name_of_a_new_file_survives_a_power_cut(sender, monkeypatch):
    synced, fsync = [], os.fsync

    def note(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    sender.begin(len(CONTENT))
    assert synced == [str(storage.get_upload_path(Upload.objects.get().pk).parent)]


def test_a_file_of_unknown_length_ends_at_the_quota(sender, settings):
    settings.QUOTA_GB = 5000 / 1024**3
    first, second = sender.begin(), sender.begin()
    assert sender.add(first, 0, CONTENT[:4000]).status == 204
    assert sender.add(first, 4000, CONTENT[4000:6000]).status == 204  # what has begun to come is taken
    assert sender.add(first, 6000, CONTENT[6000:]).code == "quota_exceeded"
    assert sender.add(second, 0, CONTENT[:1]).code == "quota_exceeded"
    assert sender.send("HEAD", first).offset == 6000


def test_a_length_told_late_must_fit_into_the_quota(sender, settings):
    settings.QUOTA_GB = 5000 / 1024**3
    address = sender.begin()
    assert sender.add(address, 0, CONTENT, upload_length=len(CONTENT)).code == "quota_exceeded"
    assert sender.send("HEAD", address).offset == 0


def test_a_recording_that_has_begun_is_not_cut_off_by_the_quota(sender, recording, settings):
    settings.QUOTA_GB = 5000 / 1024**3
    address = sender.begin(recording=recording.pk, part=0)
    assert sender.add(address, 0, CONTENT).status == 204
    assert sender.add(address, len(CONTENT), CONTENT).status == 204
