"""The cap on request bodies, in front of Django."""

import asyncio
import errno
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.urls import reverse

from jobs.domain import storage
from transcribe_site import bodies

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
                await asyncio.Event().wait()  # whoever has sent everything waits for the answer
            return {"type": "http.disconnect"}
        self.taken += 1
        return {"type": "http.request", "body": self.parts[self.taken - 1], "more_body": self.taken < len(self.parts)}

    async def send(self, message):
        self.sent.append(message)

    def run(self):
        asyncio.run(bodies.CappedHandler()(self.scope, self.receive, self.send))
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


def announce(size):
    return (b"content-length", b"%d" % size)


def test_the_upload_paths_are_those_of_the_views():
    assert {reverse("home"), reverse("job-list")} == bodies.UPLOAD_PATHS


def test_an_announced_length_over_the_limit_is_413_before_a_byte_is_read(settings):  # pains R1
    settings.MAX_UPLOAD_MB = 1
    client = Client(headers=[*SIGNED_IN, announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (413, "upload_too_large", 0)
    assert client.headers["content-type"] == "application/problem+json"


def test_pieces_that_announce_nothing_are_counted(settings):
    settings.MAX_UPLOAD_MB = 1
    client = Client(headers=[*SIGNED_IN, (b"transfer-encoding", b"chunked")], body=[bytes(MEGABYTE)] * 9).run()
    assert (client.status, client.code, client.taken) == (413, "upload_too_large", 4)


def test_a_large_upload_by_nobody_is_401_at_once():
    client = Client(headers=[announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (401, "not_authenticated", 0)
    assert client.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("credentials", [SIGNED_IN, [(b"authorization", b"Bearer tr_x")]])
def test_who_carries_credentials_may_send_more(credentials):
    assert bodies.choose_cap(Client(headers=credentials).scope).limit > 2048 * MEGABYTE


@pytest.mark.parametrize(("method", "path"), [("POST", "/sign-in/"), ("PATCH", "/api/jobs/"), ("GET", "/")])
def test_nothing_but_uploads_may_be_large(method, path):
    client = Client(path, [*SIGNED_IN, announce(3 * MEGABYTE), (b"accept", b"application/json")], [b""], method).run()
    assert (client.status, client.code) == (413, "too_large")


def test_a_browser_gets_the_refusal_as_a_page_with_our_version():
    client = Client("/", [*SIGNED_IN, announce(9000 * MEGABYTE), (b"accept", b"text/html")], [b""]).run()
    assert (client.status, client.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert client.headers["x-backend-version"].count(".") == 2


def test_an_address_that_cannot_be_read_is_a_bad_request():
    client = Client(headers=[*SIGNED_IN, announce(9000 * MEGABYTE)], body=[b""])
    client.scope["query_string"] = b"\xff"
    assert client.run().status == 400


def test_a_large_upload_on_a_short_disk_is_507_before_a_byte_is_read(monkeypatch):
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 0)
    client = Client(headers=[*SIGNED_IN, announce(9 * MEGABYTE)], body=[b"x"]).run()
    assert (client.status, client.code, client.taken) == (507, "disk_full", 0)


def test_a_large_upload_that_fits_is_let_through():
    headers = [*SIGNED_IN, announce(9 * MEGABYTE)]
    assert asyncio.run(bodies.check_announced(Client(headers=headers).scope, bodies.Cap(10 * MEGABYTE, None))) is None


@pytest.mark.parametrize("length", [b"many", b"-1"])
def test_a_length_that_is_none_counts_as_nothing(length):
    scope = Client(headers=[(b"content-length", length)]).scope
    assert asyncio.run(bodies.check_announced(scope, bodies.Cap(1, None))) is None


def read_body(*parts):
    return asyncio.run(bodies.CappedHandler().read_body(Client(body=parts).receive))


def test_a_large_body_is_spooled_in_the_data_folder(settings, monkeypatch):
    seen = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **given: seen.append(given["dir"]) or real(**given))
    with read_body(bytes(3 * MEGABYTE)) as body:
        assert (len(body.read()), seen) == (3 * MEGABYTE, [str(settings.TEMPORARY_DIR)])


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, bodies.ProblemError), (errno.EIO, OSError)])
def test_a_disk_that_fills_up_meanwhile_is_told(monkeypatch, code, error):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(code, "boom")

    monkeypatch.setattr(bodies.tempfile, "SpooledTemporaryFile", Full)
    with pytest.raises(error, match="507 disk_full" if error is bodies.ProblemError else "boom"):
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
    request, _ = bodies.CappedHandler().create_request(scope, body)
    assert request.FILES["audio"].read() == b"sound"
    request.close()


def test_the_entry_point_serves_django_behind_the_cap():
    code = "from transcribe_site.asgi import application; print(type(application).__name__)"
    root = Path(bodies.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "CappedHandler\n"
