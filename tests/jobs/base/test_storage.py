import os
import time
from uuid import uuid4

import pytest

from jobs import conf
from jobs.domain.base import storage
from jobs.errors import AudioMissing, DiskFull
from jobs.models import Job


def leave_file(path, age_seconds=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


def test_audio_lies_under_a_name_that_nobody_chose(make_job, anna):
    recording = make_job(anna).recording
    assert storage.get_audio_path(recording).relative_to(conf.get_data_dir()).parts == (
        "media",
        "recordings",
        str(recording.pk),
        "audio.wav",
    )


def test_audio_that_is_gone_is_named_so(make_job, anna):
    recording = make_job(anna).recording
    storage.get_audio_path(recording).unlink()
    with pytest.raises(AudioMissing):
        storage.get_audio_path(recording)


def test_two_claims_never_write_the_same_draft(data_dir):
    job_id = uuid4()
    assert storage.get_draft_copy(job_id, "cluster:1:aa") != storage.get_draft_copy(job_id, "cluster:1:bb")


def test_a_working_copy_goes_with_its_drafts(data_dir):
    job_id, other = uuid4(), uuid4()
    for name in (f"{job_id}.wav", f"{job_id}.aa.draft", f"{other}.wav"):
        leave_file(conf.get_working_dir() / name)
    storage.remove_working_copy(job_id)
    assert [path.name for path in conf.get_working_dir().iterdir()] == [f"{other}.wav"]


def test_removing_what_is_not_there_is_fine(data_dir):
    storage.remove_working_copy(uuid4())


def test_a_disk_with_room_accepts(data_dir):
    storage.check_free_space()


def test_a_disk_without_room_refuses(data_dir, settings):
    settings.MIN_FREE_MB = 10**9
    with pytest.raises(DiskFull):
        storage.check_free_space()


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_the_working_copy_of_a_job_at_work_stays(make_job, anna, state):
    copy = leave_file(storage.get_working_copy(make_job(anna).pk))
    Job.objects.update(state=state)
    storage.remove_stale_files()
    assert copy.exists()


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
def test_what_an_ended_job_left_behind_is_removed(make_job, anna, state):
    copy = leave_file(storage.get_working_copy(make_job(anna).pk))
    Job.objects.update(state=state)
    storage.remove_stale_files()
    assert not copy.exists()


@pytest.mark.parametrize("name", ["3e8c1b1c-9d9b-4d67-9a4e-6d1c43a0a6f3.wav", "foreign.tmp", "core"])
def test_what_belongs_to_no_job_is_removed(db, data_dir, name):
    copy = leave_file(conf.get_working_dir() / name)
    storage.remove_stale_files()
    assert not copy.exists()


def test_an_upload_that_broke_off_is_removed_after_a_day(db, data_dir):
    old = leave_file(data_dir / "incoming" / "old.upload", age_seconds=25 * 3600)
    new = leave_file(data_dir / "incoming" / "new.upload", age_seconds=23 * 3600)
    storage.remove_stale_files()
    assert (old.exists(), new.exists()) == (False, True)


def test_an_upload_that_is_moved_away_meanwhile_is_no_error(data_dir):
    assert storage.read_change_time(data_dir / "gone") > time.time() - 60
