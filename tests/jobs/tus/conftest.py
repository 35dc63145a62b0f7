"""One tus request to the ASGI application."""

import asyncio
import base64
import json

import pytest
from asgiref.sync import async_to_sync

from accounts.api_tokens import issue_token
from jobs.tus.tus_app import TusApp
from tests.rows import *  # noqa: F403 - fixtures
from transcribe_site.body_limits import CappedHandler

APPLICATION = TusApp(CappedHandler())


class Answer:
    """What came back."""

    def __init__(self, sent):
        self.status = sent[0]["status"] if sent else None
        pairs = sent[0]["headers"] if sent else []
        self.headers = {name.decode().lower(): value.decode() for name, value in pairs}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])

    @property
    def code(self):
        return json.loads(self.body)["code"]

    @property
    def offset(self):
        return int(self.headers["upload-offset"])


def encode_metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in pairs.items())


class Sender:
    """A sender of requests.

    `breaks` ends the connection after the parts of a body, or it `hangs`.
    """

    def __init__(self, token=None):
        self.known = {"host": "localhost", "tus-resumable": "1.0.0"}
        if token:
            self.known["authorization"] = f"Bearer {token}"

    def send(self, method, path="/api/uploads/", body=(), breaks=False, hangs=False, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        pairs = [(name.encode(), str(value).encode()) for name, value in {**self.known, **named}.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}
        waiting = [{"type": "http.request", "body": part, "more_body": True} for part in body]
        if not hangs:
            waiting.append({"type": "http.disconnect"} if breaks else {"type": "http.request", "body": b""})
        sent = []

        async def receive():
            if not waiting:
                await asyncio.Event().wait()  # a sender that has sent everything waits for the answer
            return waiting.pop(0)

        async def keep(message):
            sent.append(message)

        async_to_sync(APPLICATION)(scope, receive, keep)
        return Answer(sent)

    def begin(self, length=None, **pairs):
        """Begin an upload and return its address."""
        told = {"upload_length": length} if length is not None else {"upload_defer_length": 1}
        answer = self.send("POST", upload_metadata=encode_metadata(**{"filename": "talk.wav", **pairs}), **told)
        assert answer.status == 201, answer.body
        return answer.headers["location"]

    def add(self, address, offset, *parts, **options):
        options = {"content_type": "application/offset+octet-stream", **options}
        return self.send("PATCH", address, parts, upload_offset=offset, **options)


@pytest.fixture
def sender(owner):
    return Sender(issue_token(owner, "recorder")[1])


@pytest.fixture
def foreign_sender(stranger):
    return Sender(issue_token(stranger, "recorder")[1])


@pytest.fixture
def nobody(db):
    return Sender()
