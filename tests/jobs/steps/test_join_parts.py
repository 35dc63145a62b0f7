"""The parts of a recording become one file before preparation.

They are kept until that file has its place.
"""

from pathlib import Path

import pytest

from engine import UnreadableMedia
from foundation.database.leased_rows import LeaseLost
from jobs.domain.base import engines, storage
from jobs.domain.intake import recorder, submit
from jobs.domain.lifecycle import control
from jobs.domain.queue import leases
from jobs.domain.steps import join_parts, prepare_step
from jobs.domain.steps.step_queue import STEPS
from jobs.errors import AudioMissing, PartsMissing, RecordingNotJoined
from jobs.models import Recording, Upload
from tests.engine.sounds import record


@pytest.fixture
def make_recording(anna, data_dir):
    """A finished recording whose parts have these bytes.

    They arrive in the order of `arrival`.
    """

    def make(*contents, arrival=None):
        recording, _ = recorder.open_recording(anna, f"key-{Recording.objects.count()}", recorder.Changes(title="Talk"))
        for part in arrival or range(len(contents)):
            upload = Upload.objects.create(owner=anna, recording=recording, part=part, finished_at="2026-01-01T00:00Z")
            path = storage.get_upload_path(upload.pk)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[part])
        recorder.finish_recording(recording, anna, recorder.Changes(), len(contents))
        return Recording.objects.get(pk=recording.pk)

    return make


def list_part_files(data_dir):
    return sorted((data_dir / "uploads").iterdir())


def list_drafts():
    return [path.name for path in storage.get_working_copy("x").parent.glob("*")]


def test_parts_become_one_file_in_their_order_and_go(
    make_recording, claim, data_dir, django_capture_on_commit_callbacks
):
    recording = make_recording(record(1), record(2), record(3), arrival=[2, 0, 1])
    assert len(list_part_files(data_dir)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        prepare_step.prepare_job(claim())
    recording.refresh_from_db()
    assert (recording.media_type, recording.seconds) == ("audio/webm", pytest.approx(6, abs=0.2))
    assert storage.get_audio_path(recording).suffix == ".webm"
    assert recording.sha256 == storage.hash_file(Path(recording.audio.path))
    assert (Upload.objects.count(), list_part_files(data_dir), recording.losses) == (0, [], [])


def test_a_part_without_a_byte_is_none(make_recording, claim):
    recording = make_recording(b"", record(2), b"")
    prepare_step.prepare_job(claim())
    recording.refresh_from_db()
    assert (recording.seconds, recording.losses) == (pytest.approx(2, abs=0.1), [])


def test_what_could_not_be_read_is_told_where_it_was(make_recording, claim):
    recording = make_recording(record(2), record(1)[:20], record(1))
    prepare_step.prepare_job(claim())
    recording.refresh_from_db()
    ((loss,),) = [recording.losses]
    assert (loss["start"], loss["seconds"], loss["reason"]) == (pytest.approx(2, abs=0.1), 0.0, "interrupted")


def test_what_could_not_be_read_is_told_once_also_after_an_outage(make_recording, claim, monkeypatch):
    recording = make_recording(record(2), record(1)[:20])
    tries = []

    def store_twice(write):
        with pytest.raises(OSError, match="no room"):
            write()
        tries.append(write)
        monkeypatch.undo()
        return write()

    monkeypatch.setattr(Recording, "save", fail)
    monkeypatch.setattr(join_parts, "survive_outage", store_twice)
    join_parts.join_recording(claim())
    recording.refresh_from_db()
    assert (len(tries), len(recording.losses)) == (1, 1)


def test_parts_of_which_none_can_be_read_are_kept(make_recording, claim, data_dir):
    recording = make_recording(b"no sound", b"nor here")
    with pytest.raises(UnreadableMedia):
        prepare_step.prepare_job(claim())
    assert (len(list_part_files(data_dir)), recording.parts.count(), list_drafts()) == (2, 2, [])


@pytest.mark.parametrize("broken", ["adopt_file", "hash_file"])
def test_parts_stay_when_joining_fails_and_joining_again_gives_the_same(
    make_recording, claim, data_dir, monkeypatch, broken, django_capture_on_commit_callbacks
):
    recording = make_recording(record(1), record(2))
    lease = claim()
    with monkeypatch.context() as patch:
        patch.setattr(storage, broken, fail)
        with pytest.raises(OSError, match="no room"):
            join_parts.join_recording(lease)
    stored = Recording.objects.get()
    assert (bool(stored.audio), stored.parts.count(), len(list_part_files(data_dir)), list_drafts()) == (
        False,
        2,
        2,
        [],
    )
    with django_capture_on_commit_callbacks(execute=True):
        join_parts.join_recording(lease)
    recording.refresh_from_db()
    assert (recording.parts.count(), list_part_files(data_dir)) == (0, [])


def fail(*_arguments, **_options):
    raise OSError("no room")


def test_a_commit_that_failed_after_the_file_was_there_leaves_nothing_over(
    make_recording, claim, data_dir, monkeypatch
):
    recording = make_recording(record(1), record(2))
    lease = claim()
    with monkeypatch.context() as patch:
        patch.setattr(Recording, "save", fail)
        with pytest.raises(OSError, match="no room"):
            join_parts.join_recording(lease)
    assert (recording.parts.count(), len(list_part_files(data_dir))) == (2, 2)
    join_parts.join_recording(lease)
    recording.refresh_from_db()
    assert [path.name for path in Path(recording.audio.path).parent.iterdir()] == ["audio.webm"]


def test_who_lost_the_lease_meanwhile_changes_nothing(make_recording, claim, data_dir, expire):
    recording = make_recording(record(1), record(2))
    lease = claim()
    leases.release_step(lease)
    with pytest.raises(LeaseLost):
        join_parts.join_recording(lease)
    recording.refresh_from_db()
    assert (bool(recording.audio), recording.parts.count(), len(list_part_files(data_dir))) == (False, 2, 2)


def test_what_is_deleted_while_it_is_joined_is_gone(
    make_recording, claim, data_dir, monkeypatch, django_capture_on_commit_callbacks
):
    recording = make_recording(record(1), record(2))
    lease = claim()
    hash_file = storage.hash_file

    def delete_and_hash(path):
        control.delete_recording(recording)
        return hash_file(path)

    monkeypatch.setattr(storage, "hash_file", delete_and_hash)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(LeaseLost):
        join_parts.join_recording(lease)
    assert (Recording.objects.count(), Upload.objects.count(), list_part_files(data_dir), list_drafts()) == (
        0,
        0,
        [],
        [],
    )


def test_the_audio_of_one_that_is_not_joined_is_said_to_come(make_recording):
    with pytest.raises(RecordingNotJoined):
        storage.get_audio_path(make_recording(record(1)))


def test_a_worker_does_it_from_the_first_piece_to_the_text(make_recording, anna):
    recording = make_recording(record(1), record(2))
    STEPS.work_for(10)
    job = recording.jobs.get()
    assert (job.state, job.recording.parts.count()) == ("completed", 0)


def test_missing_parts_are_named(anna, data_dir):
    recording, _ = recorder.open_recording(anna, "key", recorder.Changes())
    with pytest.raises(PartsMissing, match="Missing: 0, 1"):
        recorder.finish_recording(recording, anna, recorder.Changes(), 2)


@pytest.fixture
def join_elsewhere(make_recording, claim, anna, django_capture_on_commit_callbacks):
    """A recording with two jobs, and the lease of the one.

    The returned function has the other join the parts.
    """
    recording = make_recording(record(1), record(2))
    submit.submit_recording(recording, actor=anna)
    first, second = claim(), claim()

    def join():
        with django_capture_on_commit_callbacks(execute=True):
            join_parts.join_recording(second)

    return recording, first, join


def assert_joined_once(recording, lease):
    stored = Recording.objects.get(pk=recording.pk)
    assert (lease.step.job.recording.audio.name, lease.step.job.recording.sha256) == (stored.audio.name, stored.sha256)
    assert (stored.losses, storage.hash_file(storage.get_audio_path(stored))) == ([], stored.sha256)


def test_of_two_jobs_that_join_at_once_the_second_takes_over_what_the_first_has(join_elsewhere, monkeypatch):
    recording, lease, join = join_elsewhere
    store = join_parts.store_joined

    def be_late(*arguments):
        monkeypatch.undo()
        join()
        monkeypatch.setattr(storage, "adopt_file", fail)
        store(*arguments)

    monkeypatch.setattr(join_parts, "store_joined", be_late)
    join_parts.join_recording(lease)
    assert_joined_once(recording, lease)


def test_parts_that_go_while_they_are_read_are_joined_already(join_elsewhere, monkeypatch):
    recording, lease, join = join_elsewhere
    get_client = engines.holder.get_client

    def be_late():
        monkeypatch.undo()
        join()
        return get_client()

    monkeypatch.setattr(engines.holder, "get_client", be_late)
    join_parts.join_recording(lease)
    assert_joined_once(recording, lease)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_part_whose_bytes_are_gone_is_not_left_out(make_recording, claim, lost):
    recording = make_recording(record(1), record(2))
    storage.get_upload_path(recording.parts.get(part=lost).pk).unlink()
    with pytest.raises(AudioMissing):
        join_parts.join_recording(claim())
    assert (recording.parts.count(), bool(Recording.objects.get().audio)) == (2, False)
