"""The cap on request bodies, in front of Django."""

import asyncio
import errno
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from accounts.api_tokens import issue_token
from accounts.models import User
from jobs.domain.base import storage
from transcribe_site import body_limits

MEGABYTE = 1024 * 1024
SIGNED_IN = [(b"cookie", b"a=b; sessionid=abc")]
BOUNDARY = b"frontier"
HEAD = b'--frontier\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'


class Client:
    """One request to the ASGI application, and what came back."""

    def __init__(self, path="/api/jobs/", headers=(), body=(), method="POST"):
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *headers],
        }
        self.parts = list(body)
        self.taken = 0
        self.sent = []

    async def receive(self):
        if self.taken == len(self.parts):
            if self.parts:
                await asyncio.Event().wait()  # a sender that has sent everything waits for the answer
            return {"type": "http.disconnect"}
        self.taken += 1
        return {"type": "http.request", "body": self.parts[self.taken - 1], "more_body": self.taken < len(self.parts)}

    async def send(self, message):
        self.sent.append(message)

    def run(self):
        asyncio.run(body_limits.CappedHandler()(self.scope, self.receive, self.send))
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def code(self):
        return json.loads(self.body)["code"]


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def known(monkeypatch):
    """A sender who always has an account."""
    monkeypatch.setattr(body_limits, "check_sender", lambda _scope: None)


def announce(size):
    return (b"content-length", b"%d" % size)


def test_the_upload_paths_are_those_of_the_views():
    assert {reverse("home"), reverse("job-list")} == body_limits.UPLOAD_PATHS


def test_an_announced_length_over_the_limit_is_413_before_a_byte_is_read(settings, known):  # pains R1
    settings.MAX_UPLOAD_MB = 1
    client = Client(headers=[*SIGNED_IN, announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (413, "upload_too_large", 0)
    assert client.headers["content-type"] == "application/problem+json"


def test_pieces_that_announce_nothing_are_counted(settings, known):
    settings.MAX_UPLOAD_MB = 1
    client = Client(headers=[*SIGNED_IN, (b"transfer-encoding", b"chunked")], body=[bytes(MEGABYTE)] * 9).run()
    assert (client.status, client.code, client.taken) == (413, "upload_too_large", 4)


def test_a_large_upload_by_nobody_is_401_at_once():
    client = Client(headers=[announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (401, "not_authenticated", 0)
    assert client.headers["www-authenticate"] == "Bearer"


WRONG = {
    "a scheme that is none": (b"authorization", b"nonsense"),
    "a token of somewhere else": (b"authorization", b"Bearer abc"),
    "a token that is not known": (b"authorization", b"Bearer tr_nonsense"),
    "a session that is not known": (b"cookie", b"sessionid=abcdefghijklmnopqrstuvwxyz"),
    "a session's name in another cookie": (b"cookie", b"a=sessionid=1"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_only_looks_like_credentials_is_401_before_a_byte_is_read(transactional_db, wrong):
    client = Client(headers=[wrong, announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.taken, client.headers["www-authenticate"]) == (401, 0, "Bearer")


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_in_pieces_no_more_than_a_small_body_is_taken_from_them(transactional_db, wrong):
    headers = [wrong, (b"transfer-encoding", b"chunked")]
    client = Client(headers=headers, body=[bytes(MEGABYTE)] * 300).run()
    assert (client.status, client.taken) == (401, 3)


def test_too_many_wrong_tokens_are_429(transactional_db, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "bearer": "1/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    headers = [WRONG["a token that is not known"], announce(9 * MEGABYTE)]
    clients = [Client(headers=headers, body=[b"x"]).run() for _ in range(2)]
    assert [client.status for client in clients] == [401, 429]
    assert 0 < int(clients[1].headers["retry-after"]) <= 60


@pytest.fixture
def credentials(transactional_db):
    """The headers of a known person, by what they carry."""
    anna = User.objects.create_user("anna", password="a long password")
    browser = Browser()
    browser.force_login(anna)
    return {
        "token": (b"authorization", f"Bearer {issue_token(anna, 'script')[1]}".encode()),
        "session": (b"cookie", f"a=b; sessionid={browser.session.session_key}".encode()),
    }


@pytest.mark.parametrize("kind", ["token", "session"])
def test_who_has_an_account_may_send_more(credentials, kind):
    scope = Client(headers=[credentials[kind]]).scope
    assert asyncio.run(body_limits.Gate(scope, None).admit(2000 * MEGABYTE)) is None


@pytest.mark.parametrize("kind", ["token", "session"])
def test_who_was_deactivated_may_not(credentials, kind):
    User.objects.update(is_active=False)
    assert Client(headers=[credentials[kind], announce(9 * MEGABYTE)], body=[b"x"]).run().status == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/sign-in/"), ("PATCH", "/api/jobs/"), ("GET", "/")])
def test_nothing_but_uploads_may_be_large(method, path):
    client = Client(path, [*SIGNED_IN, announce(3 * MEGABYTE), (b"accept", b"application/json")], [b""], method).run()
    assert (client.status, client.code) == (413, "too_large")


def test_a_browser_gets_the_refusal_as_a_page_with_our_version(known):
    client = Client("/", [*SIGNED_IN, announce(9000 * MEGABYTE), (b"accept", b"text/html")], [b""]).run()
    assert (client.status, client.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert client.headers["x-backend-version"].count(".") == 2


def test_an_address_that_cannot_be_read_is_a_bad_request(known):
    client = Client(headers=[*SIGNED_IN, announce(9000 * MEGABYTE)], body=[b""])
    client.scope["query_string"] = b"\xff"
    assert client.run().status == 400


def test_a_large_upload_on_a_short_disk_is_507_before_a_byte_is_read(monkeypatch, known):
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 0)
    client = Client(headers=[*SIGNED_IN, announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (507, "disk_full", 0)


def test_a_disk_that_runs_short_ends_an_upload_that_announced_nothing(monkeypatch, known):
    free = iter([10**12, 10**12])
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: next(free, 0))
    headers = [*SIGNED_IN, (b"transfer-encoding", b"chunked")]
    client = Client(headers=headers, body=[bytes(MEGABYTE)] * 300).run()
    assert (client.status, client.code, client.taken) == (507, "disk_full", 3 + 16 + 16)


def test_a_large_upload_that_fits_is_let_through(known):
    gate = body_limits.Gate(Client(headers=SIGNED_IN).scope, None)
    assert asyncio.run(gate.admit(9 * MEGABYTE)) is None


@pytest.mark.parametrize("length", [b"many", b"-1"])
def test_a_length_that_is_none_counts_as_nothing(length):
    assert body_limits.read_announced(Client(headers=[(b"content-length", length)]).scope) == 0


def read_body(*parts):
    return asyncio.run(body_limits.CappedHandler().read_body(Client(body=parts).receive))


def test_a_large_body_is_spooled_in_the_data_folder(settings, monkeypatch):
    seen = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **given: seen.append(given["dir"]) or real(**given))
    with read_body(bytes(3 * MEGABYTE)) as body:
        assert (len(body.read()), seen) == (3 * MEGABYTE, [str(settings.TEMPORARY_DIR)])


def test_only_what_goes_to_the_disk_is_written_in_a_thread(monkeypatch):
    writers = []

    class Spy(tempfile.SpooledTemporaryFile):
        def write(self, data):
            writers.append((threading.current_thread() is threading.main_thread(), len(data)))
            return super().write(data)

    monkeypatch.setattr(body_limits.tempfile, "SpooledTemporaryFile", Spy)
    read_body(b"small").close()
    read_body(*[bytes(MEGABYTE // 2)] * 5).close()
    assert writers == [(True, 5), (False, MEGABYTE), (False, MEGABYTE), (False, MEGABYTE // 2)]


def test_a_body_arrives_as_it_was_sent():
    parts = [bytes([number % 251]) * 70_000 for number in range(60)]
    with read_body(*parts) as body:
        assert body.read() == b"".join(parts)


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, body_limits.ProblemError), (errno.EIO, OSError)])
def test_a_disk_that_fills_up_meanwhile_is_told(monkeypatch, code, error):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(code, "boom")

    monkeypatch.setattr(body_limits.tempfile, "SpooledTemporaryFile", Full)
    with pytest.raises(error, match="507 disk_full" if error is body_limits.ProblemError else "boom"):
        read_body(b"sound")


def test_what_is_within_the_cap_reaches_its_view():
    client = Client("/version", body=[b""], method="GET").run()
    assert (client.status, json.loads(client.body)["policy"]) == (200, "compatible")


def test_a_client_that_goes_away_gets_no_answer():
    assert Client(headers=SIGNED_IN, body=[]).run().sent == []


def test_a_body_in_pieces_reaches_the_form_parser_whole():
    headers = [(b"transfer-encoding", b"chunked"), (b"content-type", b"multipart/form-data; boundary=frontier")]
    scope = Client(headers=headers).scope
    body = read_body(HEAD, b"sound", b"\r\n--frontier--\r\n")
    request, _ = body_limits.CappedHandler().create_request(scope, body)
    assert request.FILES["audio"].read() == b"sound"
    request.close()


def test_the_entry_point_serves_django_behind_the_cap():
    code = "from transcribe_site.asgi import application; print(type(application).__name__, type(application.django).__name__)"
    root = Path(body_limits.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "LiveApp CappedHandler\n"
