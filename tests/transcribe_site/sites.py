"""A real web server on a PostgreSQL database of its own.

A person is signed in there.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from django.conf import settings
from django.test import Client

from accounts.api_tokens import issue_token
from accounts.models import User

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
PASSWORD = "correct horse battery"


class Site:
    """The server, and one person with a session and a token."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.owner = User.objects.create_user("anna", password=PASSWORD)
        client = Client()
        client.force_login(self.owner)
        self.cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
        self.token = {"Authorization": f"Bearer {issue_token(self.owner, 'tests')[1]}"}
        self.port = find_free_port()
        self.server = None

    def start(self, **environment):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
            "DATABASE_URL": self.url,
            "TRANSCRIBE_DATA_DIR": str(self.folder),
            "TRANSCRIBE_SECRET_KEY": settings.SECRET_KEY,  # or else our session would be refused
            "TRANSCRIBE_ENGINE": "fake",
            "TRANSCRIBE_MIN_FREE_MB": "0",
            **environment,
        }
        manage = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(manage, cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "uvicorn", "transcribe_site.asgi:application", "--port", str(self.port)]
        with (self.folder / "log").open("wb") as log:
            self.server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.wait_until_up()

    def stop(self):
        self.server.kill()
        self.server.wait()

    def wait_until_up(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.call("/version")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def call(self, path, method="GET", body=None, headers=None):
        """Return status, headers and body of an answer."""
        connection, response = self.open(path, method, body, headers)
        answer = response.status, response.headers, response.read()
        connection.close()
        return answer

    def open(self, path, method="GET", body=None, headers=None):
        """Return the connection and the unread answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers or {})
        return connection, connection.getresponse()

    def upload(self, content):
        head = b'--edge\r\nContent-Disposition: form-data; name="audio"; filename="talk.wav"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=edge", **self.token}
        return self.call("/api/jobs/", "POST", head + content + b"\r\n--edge--\r\n", headers)

    def count_connections(self):
        """Return the number of connections to the database.

        Those of the server and of this process.
        """
        with psycopg.connect(self.url) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
            return connection.execute(query, [connection.info.backend_pid]).fetchone()[0]

    def list_files(self):
        return [path for path in (self.folder / "media").rglob("*") if path.is_file()]

    def read_log(self):
        return (self.folder / "log").read_text()


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
