"""Which database a DATABASE_URL means, and how its connections are kept."""

import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory

from foundation import problems
from tests.databases import Server
from transcribe_site import database_settings
from transcribe_site.logs import ShortenOutages

ROOT = Path(__file__).parents[2]
FILE = Path("db.sqlite3")
URL = "postgresql://anna:pass%40word@db.example.org:5433/speech?sslmode=require"


@pytest.fixture
def pooled(monkeypatch):
    monkeypatch.setattr(database_settings.Process, "has_pool", True)


def build(url=URL):
    return database_settings.build_database(url, file=FILE, pool_size=7)


def test_without_an_address_it_is_a_file():
    found = build("")
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", FILE)


def test_an_address_is_taken_apart():
    found = build()
    parts = [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["anna", "pass@word", "db.example.org", "5433", "speech"]
    assert database_settings.is_postgresql(found)


def test_options_in_the_address_go_before_ours():
    options = build(f"{URL}&connect_timeout=20")["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"], options["keepalives_idle"]) == ("require", "20", 10)


@pytest.mark.parametrize(
    "url", ["postgres://anna@/speech?host=/run/postgresql", "postgresql://a@one:5432,two:5433/speech"]
)
def test_sockets_and_several_hosts_are_fine(url):
    assert build(url)["NAME"] == "speech"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://anna:secret@host/speech",
        "postgresql:anna:secret",
        "host=db password=secret",
        "postgresql://anna:secret@host:port/speech",
        "postgresql://anna:secret@host:70000/speech",
        "postgresql://anna:se/cret@host/speech",
        "postgresql://anna:se@cret@host/speech",
        "postgresql://anna:sec%ret@host/speech",
        "postgresql://anna:secret@host/speech?sslmod=require",
        "postgresql://anna:secret@host/",
    ],
)
def test_an_address_without_sense_is_refused_and_not_repeated(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as refused:
        build(url)
    assert ("cret" in str(refused.value), refused.value.__cause__) == (False, None)


def test_a_wrong_address_ends_the_program_without_its_password(tmp_path):
    environment = {"TRANSCRIBE_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://anna:secret@host:x/speech"}
    program = [sys.executable, "manage.py", "check"]
    done = subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "DATABASE_URL" in done.stderr, "secret" in done.stderr) == (1, True, False)


def test_workers_keep_their_connections_and_look_whether_they_work():
    found = build()
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"], "pool" in found["OPTIONS"]) == (600, True, False)


def test_web_servers_share_a_pool(pooled):
    found = build()
    assert (found.get("CONN_MAX_AGE"), found["OPTIONS"]["pool"]["max_size"]) == (None, 7)


@pytest.mark.parametrize(("module", "pools"), [("asgi", "True"), ("wsgi", "False")])
def test_only_the_asgi_server_has_a_pool(tmp_path, module, pools):
    environment = {"TRANSCRIBE_DATA_DIR": str(tmp_path), "DATABASE_URL": URL, "TRANSCRIBE_ENGINE": "fake"}
    code = f"import transcribe_site.{module}; from django.conf import settings"
    program = [sys.executable, "-c", f"{code}; print('pool' in settings.DATABASES['default']['OPTIONS'])"]
    done = subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pools


def find_errors():
    return [message.id for message in run_checks() if message.id.startswith("transcribe_site.")]


def test_the_defaults_pass():
    assert find_errors() == []


def test_a_pool_is_refused_where_processes_fork(monkeypatch, pooled):
    monkeypatch.setitem(settings.DATABASES, "default", build())
    assert find_errors() == ["transcribe_site.E001"]


def test_a_pool_of_kept_connections_is_refused(monkeypatch, pooled):
    monkeypatch.setitem(settings.DATABASES, "default", {**build(), "CONN_MAX_AGE": 600})
    assert find_errors() == ["transcribe_site.E001", "transcribe_site.E002"]


def test_connections_are_made_as_promised():
    name = "promises"
    Server.get().drop_database(name)
    options = database_settings.build_database(Server.get().create_database(name), file=FILE, pool_size=1)["OPTIONS"]
    with psycopg.connect(Server.get().build_url(name), **options) as connection:
        names = ("idle_in_transaction_session_timeout", "lock_timeout", "application_name")
        found = [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]
    Server.get().drop_database(name)
    assert found == ["15s", "10s", "transcribe"]


def raise_from(error, cause):
    raise error from cause


def answer_failure(error, cause=None):
    """Return what the 500 handler answers while it handles `error`."""
    try:
        raise_from(error, cause)
    except type(error):
        return problems.server_error(RequestFactory().get("/api/jobs/"))


@pytest.fixture
def locked(tmp_path):
    """The error of a SQLite that another connection writes to."""
    first, second = (sqlite3.connect(tmp_path / "db", timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as error:
        second.execute("BEGIN IMMEDIATE")
    first.close()
    second.close()
    return error.value


def test_a_locked_database_is_an_outage(locked):
    assert answer_failure(OperationalError("database is locked"), locked).status_code == 503


def test_a_lost_connection_is_an_outage():
    response = answer_failure(InterfaceError("connection already closed"), psycopg.InterfaceError())
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_a_missing_table_is_our_own_fault():
    missing = sqlite3.OperationalError("no such table")
    missing.sqlite_errorname = "SQLITE_ERROR"
    assert answer_failure(OperationalError("no such table"), missing).status_code == 500


@pytest.mark.parametrize(("status", "message", "is_whole"), [(503, "Away: /: gone", False), (500, "Away: /", True)])
def test_the_log_tells_an_outage_in_a_line(status, message, is_whole):
    error = OperationalError("gone\nfor good")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s: %s", ("Away", "/"), (type(error), error, None))
    record.status_code = status
    assert ShortenOutages().filter(record)
    assert (record.getMessage(), record.exc_info is not None) == (message, is_whole)
