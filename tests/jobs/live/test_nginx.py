"""Events pass a real nginx as they happen.

Its own settings buffer.
"""

import asyncio
import shutil
import subprocess
import uuid
from contextlib import suppress

import pytest
from django.db import connection

from accounts.models import User
from benchmarks.speech.debian_packages import PackageMissing, unpack_package
from jobs.domain.feed import job_feed
from jobs.models import Job
from tests.databases import use_database
from tests.jobs.live.conftest import Client, WebThread, find_free_port, use_token
from tests.waiting import wait_until

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        proxy_set_header Host $host;
        {more}
        location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
        location /ws/ {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }}
    }}
}}
"""
START_SECONDS = 10


def find_nginx():
    try:
        return shutil.which("nginx") or str(unpack_package("nginx") / "usr/sbin/nginx")
    except PackageMissing as error:
        pytest.skip(str(error))


@pytest.fixture
def web(django_db_blocker, tmp_path):
    with use_database("sqlite", tmp_path, django_db_blocker), WebThread() as web:
        yield web


@pytest.fixture
def start_nginx(tmp_path):
    """Return how a proxy is started; it returns its port."""
    started = []

    def start(upstream, more=""):
        port = find_free_port()
        file = tmp_path / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=tmp_path, port=port, upstream=upstream, more=more))
        started.append(subprocess.Popen([find_nginx(), "-c", str(file), "-p", str(tmp_path), "-e", f"{tmp_path}/log"]))
        wait_until((tmp_path / "pid").exists)
        return port

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def publish(person):
    job_feed.publish([Job(id=uuid.uuid4(), owner_id=person.pk)], job_feed.CHANGED)
    connection.close()


async def hear_one(client, person, seconds):
    """Return what is heard of an event after the greeting.

    Or after a while anyway.
    """
    listening = asyncio.create_task(client.listen(lambda message: message["type"] == "job", seconds))
    with suppress(TimeoutError):
        await asyncio.wait_for(client.is_greeted.wait(), seconds / 2)
    await asyncio.to_thread(publish, person)
    return [message["type"] for message in await listening]


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_buffering_proxy_holds_nothing_back(web, start_nginx, transport):
    person = User.objects.create_user("anna")
    client = Client(start_nginx(web.port), transport, use_token(person))
    assert asyncio.run(hear_one(client, person, 20)) == ["hello", "job"]


def test_it_would_if_it_were_not_asked_not_to(web, start_nginx):
    """The proxy really buffers.

    Where the header that it goes by is ignored, nothing comes through.
    """
    person = User.objects.create_user("anna")
    client = Client(start_nginx(web.port, "proxy_ignore_headers X-Accel-Buffering;"), "sse", use_token(person))
    assert asyncio.run(hear_one(client, person, 3)) == []
