"""Files that arrive in as many requests as it takes."""

import base64
import errno
import hashlib
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jobs.domain.base import storage
from jobs.domain.intake import resumable_uploads
from jobs.errors import DiskFull
from jobs.models import Job, Recording, Upload
from jobs.tus import call
from tests.jobs.tus.conftest import Sender, encode_metadata

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_the_server_tells_what_it_can_do(nobody):
    answer = nobody.send("OPTIONS")
    assert (answer.status, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-extension"] == "creation,creation-defer-length,checksum,expiration,termination"


def test_a_whole_file_becomes_a_job_at_once(sender, owner):
    answer = sender.add(sender.begin(len(CONTENT), title="Talk"), 0, CONTENT)
    job = Job.objects.get(pk=answer.headers["x-job-id"])
    assert (answer.status, answer.offset) == (204, len(CONTENT))
    assert (job.owner, job.recording.title, job.recording.sha256) == (owner, "Talk", SHA256)
    assert Path(job.recording.audio.path).read_bytes() == CONTENT


def test_the_bytes_are_kept_once(sender):
    address = sender.begin(len(CONTENT))
    sender.add(address, 0, CONTENT)
    assert not storage.get_upload_path(Upload.objects.get().pk).exists()


def test_what_came_before_a_break_is_kept(sender):  # pains R11
    address = sender.begin(len(CONTENT))
    assert sender.add(address, 0, CONTENT[:1000], breaks=True).status is None
    assert sender.send("HEAD", address).offset == 1000
    answer = sender.add(address, 1000, CONTENT[1000:4000], CONTENT[4000:])
    assert Recording.objects.get().sha256 == SHA256
    assert answer.headers["x-job-id"] == str(Job.objects.get().pk)


def test_the_last_request_sent_again_gives_the_same_job(sender):  # pains R12
    address = sender.begin(len(CONTENT))
    first = sender.add(address, 0, CONTENT)
    again = sender.add(address, len(CONTENT))
    assert (again.status, again.headers["x-job-id"]) == (204, first.headers["x-job-id"])
    assert sender.send("HEAD", address).headers["x-job-id"] == first.headers["x-job-id"]
    assert Job.objects.count() == 1


def test_a_length_may_be_told_at_the_end(sender):
    address = sender.begin()
    assert sender.send("HEAD", address).headers["upload-defer-length"] == "1"
    sender.add(address, 0, CONTENT)
    answer = sender.add(address, len(CONTENT), upload_length=len(CONTENT))
    assert answer.headers["x-job-id"] == str(Job.objects.get().pk)


def test_a_request_must_begin_where_the_upload_ends(sender):
    address = sender.begin(len(CONTENT))
    sender.add(address, 0, CONTENT[:10])
    answer = sender.add(address, 5, CONTENT[5:])
    assert (answer.status, answer.code, answer.offset) == (409, "upload_offset_mismatch", 10)


def test_more_than_was_announced_is_refused_and_the_rest_kept(sender):
    address = sender.begin(100)
    answer = sender.add(address, 0, CONTENT)
    assert (answer.status, answer.code) == (400, "upload_length_mismatch")
    assert sender.send("HEAD", address).offset == 0


def test_one_writer_at_a_time(sender):
    address = sender.begin(100)
    with resumable_uploads.UploadFile(Upload.objects.get()):
        answer = sender.add(address, 0, b"x")
    assert (answer.status, answer.code) == (423, "upload_locked")


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_right_checksum_is_accepted(sender, algorithm):
    address = sender.begin(len(CONTENT))
    digest = encode_digest(algorithm, CONTENT)
    assert sender.add(address, 0, CONTENT, upload_checksum=f"{algorithm} {digest}").offset == len(CONTENT)


def encode_digest(algorithm, content):
    return base64.b64encode(hashlib.new(algorithm, content).digest()).decode()


def test_of_a_piece_with_a_wrong_checksum_nothing_is_kept(sender):
    address = sender.begin(len(CONTENT))
    answer = sender.add(address, 0, CONTENT, upload_checksum=f"sha256 {encode_digest('sha256', b'other')}")
    assert (answer.status, answer.code) == (460, "checksum_mismatch")
    assert sender.send("HEAD", address).offset == 0


def test_of_a_piece_that_breaks_off_nothing_is_kept_where_it_cannot_be_verified(sender):
    address = sender.begin(len(CONTENT))
    digest = encode_digest("sha256", CONTENT)
    sender.add(address, 0, CONTENT[:99], breaks=True, upload_checksum=f"sha256 {digest}")
    assert sender.send("HEAD", address).offset == 0


def test_a_piece_too_large_for_memory_is_refused(sender, monkeypatch):
    monkeypatch.setattr("jobs.conf.MAX_PIECE_BYTES", 100)
    answer = sender.add(sender.begin(1000), 0, b"x" * 101, upload_checksum=f"md5 {encode_digest('md5', b'x' * 101)}")
    assert (answer.status, answer.code) == (413, "piece_too_large")


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"MZ\x90", b"<!DOCTYPE html>"]
)
def test_what_certainly_holds_no_sound_is_refused_at_its_first_bytes(sender, start):
    answer = sender.add(sender.begin(1000), 0, start + b" " * 900)
    assert (answer.status, answer.code, Job.objects.count()) == (415, "not_audio", 0)


def test_nobody_is_let_in_without_signing_in(nobody):
    answer = nobody.send("POST", upload_length=5)
    assert (answer.status, answer.code) == (401, "not_authenticated")


@pytest.mark.parametrize("method", ["HEAD", "GET", "PATCH", "DELETE"])
def test_somebody_elses_upload_is_not_there(sender, foreign_sender, method):
    address = sender.begin(5)
    headers = {"content_type": "application/offset+octet-stream", "upload_offset": 0} if method == "PATCH" else {}
    assert foreign_sender.send(method, address, **headers).status == 404


def test_an_address_that_is_none_is_not_there(sender):
    assert sender.send("HEAD", "/api/uploads/nothing").status == 404


def test_a_session_needs_the_pages_token(owner, client, nobody):
    client.force_login(owner)
    nobody.known["cookie"] = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
    assert nobody.send("POST", upload_length=5).code == "csrf_failed"
    assert nobody.send("POST", upload_length=5, x_csrftoken="a" * 32).status == 201


def test_an_upload_can_be_given_up(sender):
    address = sender.begin(100)
    sender.add(address, 0, b"x" * 10)
    path = storage.get_upload_path(Upload.objects.get().pk)
    assert (path.exists(), sender.send("DELETE", address).status, path.exists()) == (True, 204, False)
    assert sender.send("HEAD", address).status == 404


def test_a_file_may_not_be_too_large(sender, settings):
    settings.MAX_UPLOAD_MB = 1
    answer = sender.send("POST", upload_length=1024 * 1024 + 1)
    assert (answer.status, answer.code) == (413, "upload_too_large")


def test_a_file_of_unknown_length_is_stopped_when_it_gets_too_large(sender, settings):
    settings.MAX_UPLOAD_MB = 1
    answer = sender.add(sender.begin(), 0, b"x" * 1024 * 1024, b"x")
    assert (answer.status, answer.code) == (413, "upload_too_large")


def test_a_quota_counts_what_is_on_its_way(sender, settings):
    settings.QUOTA_GB = 1 / 1024
    sender.begin(1_000_000)
    answer = sender.send("POST", upload_length=1_000_000)
    assert (answer.status, answer.code) == (413, "quota_exceeded")


def test_a_full_disk_is_told_and_keeps_what_fitted(sender, monkeypatch):
    address = sender.begin(len(CONTENT))
    sender.add(address, 0, CONTENT[:100])

    def refuse():
        raise DiskFull

    monkeypatch.setattr(storage, "check_free_space", refuse)
    answer = sender.add(address, 100, CONTENT[100:])
    assert (answer.status, answer.code, sender.send("HEAD", address).offset) == (507, "disk_full", 100)


def test_an_empty_file_is_refused(sender):
    answer = sender.add(sender.begin(), 0, upload_length=0)
    assert (answer.status, answer.code) == (400, "empty_file")


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({}, "Upload-Length"),
        ({"upload_length": "many"}, "Upload-Length"),
        ({"upload_length": 5, "upload_defer_length": 1}, "Upload-Length"),
        ({"upload_length": 5, "upload_metadata": "filename %%%"}, "Upload-Metadata"),
        ({"upload_length": 5, "upload_metadata": "recording bm9uZQ=="}, "Upload-Metadata"),
        ({"upload_length": 5, "upload_metadata": encode_metadata(language="English please")}, "Upload-Metadata"),
        ({"upload_length": 5, "upload_metadata": encode_metadata(language="\0")}, "Upload-Metadata"),
    ],
)
def test_headers_that_say_nothing_sensible_are_named(sender, headers, named):
    answer = sender.send("POST", **headers)
    assert (answer.status, answer.code) == (400, "upload_header_invalid")
    assert named in answer.body.decode()


def test_another_protocol_is_told_which_one_is_spoken(sender):
    answer = sender.send("POST", tus_resumable="0.2", upload_length=5)
    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0")


def test_people_can_look_at_an_upload(sender):
    answer = sender.send("GET", sender.begin(100))
    assert b'"offset": 0, "length": 100, "filename": "talk.wav"' in answer.body


def test_a_file_whose_server_ended_before_it_was_taken_in_is_not_lost(sender):
    address = sender.begin(len(CONTENT))
    storage.get_upload_path(Upload.objects.get().pk).write_bytes(CONTENT)
    assert sender.send("HEAD", address).headers["x-job-id"] == str(Job.objects.get().pk)


def test_the_sweep_takes_it_in_when_nobody_asks(sender):
    sender.begin(len(CONTENT))
    storage.get_upload_path(Upload.objects.get().pk).write_bytes(CONTENT)
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=1))
    assert (resumable_uploads.ingest_stranded(), Recording.objects.get().sha256) == (1, SHA256)


def test_uploads_that_nobody_goes_on_with_expire(sender):
    sender.begin(100)
    path = storage.get_upload_path(Upload.objects.get().pk)
    assert resumable_uploads.remove_expired() == 0
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=49))
    assert (resumable_uploads.remove_expired(), Upload.objects.count(), path.exists()) == (1, 0, False)


@pytest.mark.parametrize("others", [1, 3])
def test_a_piece_costs_the_same_however_many_uploads_there_are(sender, django_assert_num_queries, others):
    for _ in range(others):
        address = sender.begin(100)
    with django_assert_num_queries(4):  # whose token, which knox asks twice, which upload, how far
        sender.add(address, 0, b"x" * 10)


def test_other_addresses_go_to_django(nobody):
    assert nobody.send("GET", "/version").status == 200


def test_the_methods_that_there_are_are_told(sender):
    answer = sender.send("PUT", sender.begin(10))
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "OPTIONS, POST, HEAD, GET, PATCH, DELETE"


def test_a_client_that_may_only_post_says_what_it_means(sender):
    address = sender.begin(len(CONTENT))
    options = {"content_type": "application/offset+octet-stream", "x_http_method_override": "PATCH"}
    assert sender.send("POST", address, [CONTENT], upload_offset=0, **options).offset == len(CONTENT)


def test_a_wrong_token_is_refused(db):
    answer = Sender("tr_wrong").send("POST", upload_length=10)
    assert (answer.status, answer.code) == (401, "authentication_failed")


def test_a_piece_comes_as_what_the_protocol_says(sender):
    answer = sender.add(sender.begin(10), 0, b"x" * 10, content_type="audio/wav")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_a_disk_that_fills_while_it_is_written_to_is_told(sender, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "no space")

    address = sender.begin(len(CONTENT))
    monkeypatch.setattr(resumable_uploads.UploadFile, "append", fail)
    assert sender.add(address, 0, CONTENT).code == "disk_full"


def test_a_sender_that_falls_silent_is_told_and_keeps_what_came(sender, monkeypatch):
    monkeypatch.setattr(call, "SILENCE_SECONDS", 0.05)
    address = sender.begin(len(CONTENT))
    answer = sender.add(address, 0, CONTENT[:500], hangs=True)
    assert (answer.status, answer.code) == (408, "upload_silent")
    assert sender.send("HEAD", address).offset == 500


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"upload_checksum": "sha256 not-base64!"}, "Upload-Checksum"),
        ({"upload_checksum": "crc32 AAAA"}, "Upload-Checksum"),
    ],
)
def test_a_checksum_that_is_none_is_refused_before_the_body(sender, headers, named):
    address = sender.begin(len(CONTENT))
    answer = sender.add(address, 0, CONTENT, **headers)
    assert (answer.code, named in answer.body.decode()) == ("upload_header_invalid", True)
    assert sender.send("HEAD", address).offset == 0


def test_metadata_that_goes_on_and_on_is_refused(sender):
    answer = sender.send("POST", upload_length=10, upload_metadata=encode_metadata(filename="x" * 4096))
    assert answer.code == "upload_header_invalid"


def test_another_length_than_was_told_is_refused(sender):
    address = sender.begin(len(CONTENT))
    assert sender.add(address, 0, CONTENT, upload_length=5).code == "upload_length_mismatch"
    assert sender.send("HEAD", address).offset == 0


def test_who_comes_late_to_a_finished_upload_makes_no_second_job(sender):  # pains R12
    address = sender.begin(len(CONTENT))
    late = Upload.objects.get()
    first = sender.add(address, 0, CONTENT).headers["x-job-id"]
    with resumable_uploads.UploadFile(
        late
    ) as file:  # as a request does that had asked for the upload before it was finished
        file.append(CONTENT)
        assert str(resumable_uploads.store_progress(late, file.offset).pk) == first
    assert (Job.objects.count(), Recording.objects.count(), storage.measure_upload(late.pk)) == (1, 1, 0)


def test_while_it_is_taken_in_it_is_not_taken_in_again(sender):
    address = sender.begin(len(CONTENT))
    upload = Upload.objects.get()
    storage.get_upload_path(upload.pk).write_bytes(CONTENT)
    with resumable_uploads.UploadFile(upload):
        assert sender.send("HEAD", address).offset == len(CONTENT)
    assert Job.objects.count() == 0


def test_what_cannot_be_taken_in_leaves_its_bytes(sender, monkeypatch):
    address = sender.begin(len(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr(resumable_uploads.submit, "create_job", refuse)
        assert sender.add(address, 0, CONTENT).code == "disk_full"
    assert (Recording.objects.count(), Job.objects.count()) == (0, 0)
    assert sender.send("HEAD", address).offset == len(CONTENT)  # which takes it in
    assert (Recording.objects.count(), Job.objects.count()) == (1, 1)


def refuse(*_arguments, **_options):
    raise DiskFull


def test_one_that_is_being_written_to_is_not_taken_in_by_the_sweep(sender):
    sender.begin(len(CONTENT))
    upload = Upload.objects.get()
    storage.get_upload_path(upload.pk).write_bytes(CONTENT)
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    with resumable_uploads.UploadFile(upload):
        assert resumable_uploads.ingest_stranded() == 0
    assert resumable_uploads.ingest_stranded() == 1


def test_one_that_is_not_whole_is_not_taken_in_by_the_sweep(sender):
    sender.begin(len(CONTENT))
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    assert resumable_uploads.ingest_stranded() == 0


def test_bytes_that_belong_to_no_upload_are_removed_after_a_day(sender):
    sender.begin(len(CONTENT))
    kept = storage.get_upload_path(Upload.objects.get().pk)
    stray, foreign = kept.with_name("3e8c1b1c-9d9b-4d67-9a4e-6d1c43a0a6f3"), kept.with_name("core")
    for path in (kept, stray, foreign):
        path.touch()
        os.utime(path, (0, 0))
    storage.remove_stale_files()
    assert [path.exists() for path in (kept, stray, foreign)] == [True, False, False]


def test_the_bytes_of_an_upload_that_lost_them_are_none(sender):
    assert storage.measure_upload(uuid.uuid4()) == 0


def test_without_links_a_file_is_copied(sender, monkeypatch):
    def refuse_link(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    sender.add(sender.begin(len(CONTENT)), 0, CONTENT)
    assert Path(Recording.objects.get().audio.path).read_bytes() == CONTENT


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_what_is_sent_for_somebody_else_is_refused(sender, method):
    address = sender.begin(len(CONTENT))
    refused = sender.send(method, address, (CONTENT,), x_person="boris")
    assert (refused.status, refused.code) == (409, "other_person")
    assert sender.send("HEAD", address, x_person="%61nna").offset == 0
