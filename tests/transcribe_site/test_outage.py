"""A real web server whose PostgreSQL goes away and comes back."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import override_settings

from jobs.models import Recording
from tests.databases import Server, use_database
from tests.jobs.sounds import build_wav
from tests.transcribe_site.sites import Site

pytestmark = pytest.mark.workers

POOL_SIZE = 3
PAGES = ("/", "/recordings/", "/admin/jobs/job/")
PARTS = ("/fragments/jobs/", "/api/jobs/")
OPEN = ("/version", "/static/css/site.css")


@pytest.fixture(scope="module")
def site(django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with (
        use_database("postgresql", folder, django_db_blocker) as url,
        override_settings(MEDIA_ROOT=folder / "media"),
    ):
        site = Site(folder, url)
        site.start(TRANSCRIBE_DATABASE_CONNECTIONS=str(POOL_SIZE))
        yield site
        site.stop()


class Outage:
    """The answers to simultaneous requests during an outage."""

    def __init__(self, site):
        self.site = site
        accept = {"Accept": "application/json, text/html", "X-Requested-With": "fetch"}
        calls = {path: (lambda path=path: site.call(path, headers=site.cookie)) for path in (*PAGES, *OPEN)}
        calls |= {path: (lambda path=path: site.call(path, headers={**site.cookie, **accept})) for path in PARTS}
        calls["token"] = lambda: site.call("/api/recordings/", headers=site.token)
        calls["small"] = lambda: site.upload(build_wav(1))
        calls["large"] = lambda: site.upload(build_wav(120))  # more than is taken from strangers
        files, started_at = site.list_files(), time.monotonic()
        with ThreadPoolExecutor(len(calls)) as threads:
            answers = threads.map(lambda call: call(), calls.values())
            self.answers = dict(zip(calls, answers, strict=True))
        self.seconds = time.monotonic() - started_at
        self.new_files = set(site.list_files()) - set(files)
        self.recovery_seconds = 0.0

    def wait_for_recovery(self):
        started_at = time.monotonic()
        while self.site.call("/", headers=self.site.cookie)[0] != 200:
            assert time.monotonic() - started_at < 30
        self.recovery_seconds = time.monotonic() - started_at


@pytest.fixture(scope="module")
def outage(site):
    connection.close()
    Server.get().stop("immediate")
    outage = Outage(site)
    Server.get().start()
    outage.wait_for_recovery()
    return outage


@pytest.fixture
def recording(site):
    """A recording of 20 MB, more than fits between server and reader."""
    audio = ContentFile(bytes(20_000_000), name="talk.wav")
    sizes = {"bytes": 20_000_000, "sha256": "ab" * 32, "source": "uploaded", "media_type": "audio/wav"}
    return Recording.objects.create(owner=site.owner, title="Interview", audio=audio, **sizes)


def describe(answer):
    """Return status, type and retry time with the code in the body."""
    status, headers, body = answer
    code = re.search(rb"database_\w+", body)
    return status, headers["Content-Type"], headers["Retry-After"], code and code.group()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_that_the_database_is_away(outage, path):
    assert describe(outage.answers[path]) == (503, "text/html; charset=utf-8", "5", b"database_unavailable")


@pytest.mark.parametrize("call", [*PARTS, "token", "small", "large"])
def test_programs_and_polling_pages_are_told_too(outage, call):
    assert describe(outage.answers[call]) == (503, "application/problem+json", "5", b"database_unavailable")


@pytest.mark.parametrize("path", OPEN)
def test_what_needs_no_database_goes_on(outage, path):
    assert outage.answers[path][0] == 200


def test_a_refused_upload_leaves_nothing(outage):
    assert outage.new_files == set()


def test_nobody_waits_long_for_the_answer(outage):
    assert outage.seconds < 10


def test_the_log_has_a_line_and_no_traceback(site, outage):
    log = site.read_log()
    assert (log.count("Service Unavailable: /recordings/: "), log.count("Traceback")) == (1, 0)


def test_the_server_goes_on_when_the_database_is_back(site, outage):
    assert outage.recovery_seconds < 10
    assert site.upload(build_wav(1))[0] == 202


def test_many_requests_share_few_connections(site):
    connection.close()
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: site.call("/", headers=site.cookie)[0], range(60)))
    assert set(answers) == {200}
    assert site.count_connections() <= POOL_SIZE


def test_listeners_hold_no_connection(site, recording):
    path = f"/api/recordings/{recording.pk}/audio/"
    listeners = [site.open(path, headers=site.cookie) for _ in range(POOL_SIZE + 2)]
    answers = [response.status for _, response in listeners]
    assert (answers, site.call("/", headers=site.cookie)[0]) == ([200] * len(listeners), 200)
    for listener, response in listeners:
        response.close()
        listener.close()
