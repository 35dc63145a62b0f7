"""People and a real web server as receiver.

It runs in a thread.
"""

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jobs.models import Job
from notifications import conf, outbox
from notifications.delivery_queue import DELIVERIES
from notifications.models import Delivery
from tests.rows import *  # noqa: F403 - fixtures
from tests.waiting import take_time

BODY = {"type": "job.completed", "data": {"title": "Interview", "links": {"page": "/jobs/1/"}}}


class Receiver:
    """Answers as configured last.

    With a status, a redirect, nothing for long, or a byte now and then.
    """

    def __init__(self):
        self.requests = []
        self.status, self.headers, self.hang = 200, {}, 0.0
        # It never ends what it begins: a "head", or a "body" after a head that is whole.
        self.drips = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def drip(file):
    """Write a byte now and then until the connection closes."""
    with suppress(OSError):
        while True:
            file.write(b"H")
            take_time(0.05)


def make_handler(receiver):
    """Return what speaks HTTP for a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.path, dict(self.headers), body))
            take_time(receiver.hang)
            if receiver.drips == "head":
                drip(self.wfile)
                return
            self.send_response(receiver.status)
            length = {} if receiver.drips else {"Content-Length": "0"}
            for name, value in {**length, **receiver.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if receiver.drips:
                drip(self.wfile)

        def log_message(self, *_arguments):
            pass

    return Handler


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch, tmp_path):
    """Let this machine be called, and retries be due at once."""
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    monkeypatch.setattr(conf, "RETRY_SECONDS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 2.0)
    monkeypatch.setattr(conf, "get_sending_limit", lambda: 6)
    monkeypatch.setattr(conf, "get_vapid_file", lambda: tmp_path / "vapid_key.pem")


@pytest.fixture
def webhook(owner, receiver):
    return owner.webhooks.create(url=receiver.url)


@pytest.fixture
def done(owner, make_recording):
    """A job that has just ended, as signal receivers get it."""
    return Job.objects.create(owner=owner, recording=make_recording(), state="completed")


@pytest.fixture
def deliver():
    """Try all due deliveries and return the deliveries."""

    def run():
        DELIVERIES.work_for(5)
        return list(Delivery.objects.order_by("created_at", "id"))

    return run


@pytest.fixture
def notify(done):
    return lambda: outbox.write_for_job(done)
