"""A person's program: HTTP with a token and with patience.

It asks again until it learns the result of its request.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 30.0
REFUSED_FOR_NOW = frozenset({429, 500, 502, 503, 507})


class NoAnswer(Exception):
    """A request had no answer within the patience of a client."""


class Client:
    """One owner's way to the site.

    Thread-safe, as it keeps nothing.
    """

    def __init__(self, url, owner, token):
        self.url, self.owner, self.token = url, owner, token

    def submit(self, recording, key, *, force):
        """Upload a recording under an Idempotency-Key.

        Returns its job as the API shows it.
        """
        boundary = uuid.uuid4().hex
        body = build_form(boundary, recording, {"title": recording.name, "force": "true" if force else "false"})
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": key}
        status, job = self.ask("POST", "/api/jobs/", body, headers)
        if status != 202:
            raise NoAnswer(f"submission was answered with {status}: {job}")
        return job

    def cancel(self, job_id):
        return self.ask("POST", f"/api/jobs/{job_id}/cancel/")[0]

    def retry(self, job_id):
        return self.ask("POST", f"/api/jobs/{job_id}/retry/")[0]

    def delete(self, recording_id):
        return self.ask("DELETE", f"/api/recordings/{recording_id}/")[0]

    def ask(self, method, path, body=None, headers=None):
        """Return status and answer.

        Raises:
            NoAnswer: there is none in time.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        last = None
        while time.monotonic() < deadline:
            try:
                last = status, _ = self.ask_once(method, path, body, headers or {})
            except (OSError, http.client.HTTPException) as error:
                last = error
            else:
                if status not in REFUSED_FOR_NOW:
                    return last
            time.sleep(PAUSE_SECONDS)
        raise NoAnswer(f"{method} {path}: {last}")

    def ask_once(self, method, path, body, headers):
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - the same
                return response.status, read_json(response)
        except urllib.error.HTTPError as refusal:
            return refusal.code, read_json(refusal)


def read_json(response):
    content = response.read()
    try:
        return json.loads(content) if content else {}
    except ValueError:
        return {"content": content[:200].decode(errors="replace")}


def build_form(boundary, recording, fields):
    """Return the body of a form with fields and the recording."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="audio"; filename="{recording.name}.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    return "".join(parts).encode() + recording.content + f"\r\n--{boundary}--\r\n".encode()
