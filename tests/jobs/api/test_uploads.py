"""The upload handler writes to disk, hashes and stops in time."""

import errno
import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

from jobs import upload_handler
from jobs.errors import DiskFull, UploadTooLarge
from jobs.upload_handler import check_upload

MEGABYTE = 1024 * 1024


def build_request(*bodies):
    files = [SimpleUploadedFile(f"{number}.wav", body) for number, body in enumerate(bodies)]
    return RequestFactory().post("/", {"audio": files})


@pytest.fixture
def post():
    """Parse a request with these files.

    They are closed in the end, as Django does after the response.
    """
    requests = []

    def post(*bodies):
        requests.append(build_request(*bodies))
        requests[-1].FILES  # noqa: B018 - parses the body
        return requests[-1]

    yield post
    for request in requests:
        request.close()


def test_a_file_lies_in_the_data_folder_with_its_hash(post, settings):
    upload = post(b"sound").FILES["audio"]
    assert Path(upload.temporary_file_path()).parent == settings.TEMPORARY_DIR
    assert (upload.sha256, upload.read()) == (hashlib.sha256(b"sound").hexdigest(), b"sound")


def test_each_file_of_a_request_has_its_own_hash(post):
    hashes = [upload.sha256 for upload in post(b"one", b"two").FILES.getlist("audio")]
    assert hashes == [hashlib.sha256(body).hexdigest() for body in (b"one", b"two")]


def test_an_empty_file_is_a_file_without_bytes(post):
    upload = post(b"").FILES["audio"]
    assert (upload.size, upload.sha256) == (0, hashlib.sha256(b"").hexdigest())


def test_a_request_that_was_let_through_passes_the_check(post):
    assert check_upload(post(b"sound")) is None


@pytest.mark.parametrize(("size", "refused"), [(MEGABYTE, False), (MEGABYTE + 1, True)])
def test_the_limit_is_exact(post, settings, size, refused):
    settings.MAX_UPLOAD_MB = 1
    request = post(bytes(size))
    assert (uploads_refused(request), list(request.FILES)) == (refused, [] if refused else ["audio"])


def uploads_refused(request) -> bool:
    try:
        check_upload(request)
    except UploadTooLarge:
        return True
    return False


def test_the_files_of_one_request_share_the_limit(post, settings):
    settings.MAX_UPLOAD_MB = 1
    assert uploads_refused(post(bytes(MEGABYTE // 2 + 1), bytes(MEGABYTE // 2)))


def test_a_body_that_announces_too_much_is_refused_before_a_file_is_made(post, settings, monkeypatch):
    settings.MAX_UPLOAD_MB, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1, 1024
    monkeypatch.setattr(upload_handler.TemporaryFileUploadHandler, "new_file", None)
    assert uploads_refused(post(bytes(MEGABYTE + 2048)))


def test_the_rest_of_a_refused_body_is_not_read(post, settings):
    settings.MAX_UPLOAD_MB = 1
    assert len(post(bytes(3 * MEGABYTE)).read()) > MEGABYTE


def test_nothing_is_left_behind_by_a_refused_file(post, settings):
    settings.MAX_UPLOAD_MB = 1
    before = set(settings.TEMPORARY_DIR.iterdir())
    post(bytes(MEGABYTE + 1))
    assert set(settings.TEMPORARY_DIR.iterdir()) == before


def test_a_short_disk_refuses_before_a_byte_is_taken(post, monkeypatch):
    def refuse() -> None:
        raise DiskFull

    monkeypatch.setattr(upload_handler, "check_free_space", refuse)
    with pytest.raises(DiskFull):
        check_upload(post(b"sound"))


@pytest.mark.parametrize("method", ["write", "seek"])
def test_a_disk_that_fills_up_meanwhile_refuses_the_file(post, monkeypatch, method):
    monkeypatch.setattr(TemporaryUploadedFile, method, fail(errno.ENOSPC), raising=False)
    with pytest.raises(DiskFull):
        check_upload(post(b"sound"))


def test_other_errors_of_the_disk_are_not_hidden(post, monkeypatch):
    monkeypatch.setattr(TemporaryUploadedFile, "write", fail(errno.EIO), raising=False)
    request = build_request(b"sound")
    with pytest.raises(OSError, match="boom"):
        request.FILES  # noqa: B018 - parses the body
    request.upload_handlers[0].file.close()


def fail(code):
    def method(*args):
        raise OSError(code, "boom")

    return method
