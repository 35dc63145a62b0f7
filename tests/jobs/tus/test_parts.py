"""The parts of a recording arrive as uploads.

Their length is known at their end.
"""

import uuid

import pytest

from jobs import conf
from jobs.domain.base import storage
from jobs.domain.intake import recorder, resumable_uploads
from jobs.domain.lifecycle import control
from jobs.models import Job, Recording, Upload
from tests.jobs.tus.conftest import encode_metadata

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def recording(owner):
    return recorder.open_recording(owner, "key", recorder.Changes(title="Talk"))[0]


def test_pieces_of_a_part_arrive_and_its_length_at_the_end(sender, recording):
    address = sender.begin(recording=recording.pk, part=0)
    for offset in range(0, len(CONTENT), 4096):
        assert sender.add(address, offset, CONTENT[offset : offset + 4096]).status == 204
    answer = sender.add(address, len(CONTENT), upload_length=len(CONTENT))
    part = recording.parts.get()
    assert (answer.status, "x-job-id" in answer.headers, "upload-expires" in answer.headers) == (204, False, False)
    assert (part.finished_at is not None, part.length) == (True, len(CONTENT))
    assert storage.get_upload_path(part.pk).read_bytes() == CONTENT
    assert Job.objects.count() == 0


def test_a_part_begun_again_is_the_same(sender, recording):  # pains R12
    first = sender.begin(recording=recording.pk, part=3)
    sender.add(first, 0, CONTENT[:100])
    assert sender.begin(recording=recording.pk, part=3) == first
    assert sender.send("HEAD", first).offset == 100


def test_two_pages_that_begin_the_same_part_at_once_get_one(sender, recording, owner, monkeypatch):
    make_file, before = resumable_uploads.make_file, set(conf.get_uploads_dir().iterdir())

    def let_the_twin_be_first(upload):
        monkeypatch.undo()
        resumable_uploads.create_upload(owner, resumable_uploads.NewUpload(None, recording_id=recording.pk))
        make_file(upload)

    monkeypatch.setattr(resumable_uploads, "make_file", let_the_twin_be_first)
    address = sender.begin(recording=recording.pk, part=0)
    (part,) = recording.parts.all()
    assert address.endswith(str(part.pk))
    assert set(conf.get_uploads_dir().iterdir()) - before == {storage.get_upload_path(part.pk)}


def test_nothing_is_added_to_what_is_finished(sender, recording, owner):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT, upload_length=len(CONTENT))
    recorder.finish_recording(recording, owner, recorder.Changes(), 1)
    begun = sender.send("POST", upload_defer_length=1, upload_metadata=describe(recording, 1))
    more = sender.add(address, len(CONTENT) - 1, b"x")
    assert (begun.status, begun.code) == (409, "recording_closed")
    assert (more.status, more.offset) == (409, len(CONTENT))


def describe(recording, part):
    return encode_metadata(recording=getattr(recording, "pk", recording), part=part)


@pytest.mark.parametrize("target", ["foreign", "unknown"])
def test_parts_go_to_recordings_of_ones_own(foreign_sender, recording, target):
    key = recording.pk if target == "foreign" else uuid.uuid4()
    answer = foreign_sender.send("POST", upload_defer_length=1, upload_metadata=describe(key, 0))
    assert (answer.status, answer.code, Upload.objects.count()) == (404, "not_found", 0)


@pytest.mark.parametrize("part", ["-1", "one", "100000", "0" * 20])
def test_a_part_that_is_no_number_is_refused(sender, recording, part):
    answer = sender.send("POST", upload_defer_length=1, upload_metadata=describe(recording, part))
    assert (answer.status, answer.code) == (400, "upload_header_invalid")


def test_a_part_goes_only_with_its_recording(sender, recording):
    address = sender.begin(recording=recording.pk, part=0)
    assert sender.send("DELETE", address).code == "permission_denied"
    assert recording.parts.count() == 1


def test_a_part_is_never_given_up_for_its_age(sender, recording, settings):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT)
    Upload.objects.update(touched_at="2020-01-01T00:00Z")
    assert resumable_uploads.remove_expired() == 0
    assert sender.send("HEAD", address).offset == len(CONTENT)


def test_what_was_recorded_before_the_disk_was_full_is_kept(sender, recording, monkeypatch):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT)
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 0)
    answer = sender.add(address, len(CONTENT), CONTENT)
    assert (answer.status, answer.code) == (507, "disk_full")
    assert sender.send("HEAD", address).offset == len(CONTENT)


def test_a_recording_of_a_minute_may_be_no_sound_to_the_look_at_files(sender, recording):
    """A part in the middle of a stream looks like anything.

    Its content is checked when it is joined.
    """
    address = sender.begin(recording=recording.pk, part=0)
    assert sender.add(address, 0, b"%PDF-1.7").status == 204


def test_its_owner_is_told_of_the_recording_and_the_part(sender, recording):
    body = sender.send("GET", sender.begin(recording=recording.pk, part=2)).body
    assert f'"recording": "{recording.pk}", "part": 2'.encode() in body


def test_deleting_the_recording_takes_its_parts_along(sender, recording, django_capture_on_commit_callbacks):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT)
    path = storage.get_upload_path(recording.parts.get().pk)
    with django_capture_on_commit_callbacks(execute=True):
        control.delete_recording(recording)
    assert (sender.send("HEAD", address).status, path.exists(), Recording.objects.count()) == (404, False, 0)


def test_bytes_after_the_end_of_a_part_are_refused_instead_of_dropped(sender, recording):
    address = sender.begin(recording=recording.pk, part=0)
    sender.add(address, 0, CONTENT, upload_length=len(CONTENT))
    more = sender.add(address, len(CONTENT), b"more")
    again = sender.add(address, len(CONTENT), upload_length=len(CONTENT))
    assert (more.status, more.code, again.status) == (409, "recording_closed", 204)
