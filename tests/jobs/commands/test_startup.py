"""Programs wait at their start for an up-to-date database."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from jobs.management import startup
from tests.databases import Server
from tests.postgres import find_free_port

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def refuse(monkeypatch):
    """Make the database unavailable for a number of tries."""
    monkeypatch.setattr(startup, "INTERVAL_SECONDS", 0)

    def let(times):
        answers = iter([OperationalError("not there\nat all")] * times)

        def connect():
            if error := next(answers, None):
                raise error

        monkeypatch.setattr(connection, "ensure_connection", connect)

    return let


def test_a_database_that_comes_up_is_waited_for(refuse, capsys):
    refuse(3)
    startup.wait_for_database()
    assert capsys.readouterr().err == "Waiting for the database: not there\n"


def test_a_database_that_stays_away_is_told_in_one_line(refuse):
    refuse(9)
    with pytest.raises(CommandError, match=r"^The database does not answer: not there. See DATABASE_URL.$"):
        startup.wait_for_database(-1)


def test_an_error_without_words_is_named():
    assert startup.describe_error(OperationalError()) == "OperationalError"


def test_a_database_is_up_to_date_when_all_migrations_have_run(db):
    assert startup.is_up_to_date()
    MigrationRecorder.Migration.objects.filter(app="jobs").delete()
    assert not startup.is_up_to_date()


def test_a_database_of_a_newer_version_is_not_up_to_date(db):
    startup.refuse_other_version()
    MigrationRecorder(connection).record_applied("jobs", "0099_later")
    assert not startup.is_up_to_date()
    with pytest.raises(CommandError, match=r"^The data is of another version of Transcribe. Stop it everywhere, then "):
        startup.refuse_other_version()


def test_what_an_app_left_that_is_gone_does_not_matter(db):
    MigrationRecorder(connection).record_applied("lunches", "0001_initial")
    assert startup.is_up_to_date()


def test_a_database_that_goes_away_in_the_middle_is_told_in_one_line(db):
    error = OperationalError("gone\nfor good")
    with (
        pytest.raises(CommandError, match=r"^The database could not be prepared: gone. Start again.$"),
        startup.startup_lock(),
    ):
        raise error


def start(code, url, folder):
    environment = {
        "DATABASE_URL": url,
        "TRANSCRIBE_DATA_DIR": str(folder),
        "TRANSCRIBE_ENGINE": "fake",
        "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
    }
    program = [sys.executable, "-c", f"import django; django.setup(); from jobs.management import startup\n{code}"]
    return subprocess.Popen(program, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def empty_database():
    server, name = Server.get(), "machines"
    server.drop_database(name)
    yield server.create_database(name)
    server.drop_database(name)


MIGRATE = """
from django.core.management import call_command
with startup.startup_lock():
    call_command("migrate", verbosity=0)
"""


def test_of_machines_that_start_together_one_migrates_at_a_time(empty_database, tmp_path):
    with psycopg.connect(empty_database, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [startup.START_LOCK])
        machines = [start(MIGRATE, empty_database, tmp_path) for _ in range(2)]
        waiting = [machine.stderr.readline() for machine in machines]
    assert waiting == ["Another machine prepares the database; waiting for it\n"] * 2
    assert [machine.communicate()[1] for machine in machines] == ["", ""]
    assert [machine.returncode for machine in machines] == [0, 0]


def test_the_password_is_never_shown(tmp_path):
    url = f"postgresql://anna:secret@127.0.0.1:{find_free_port()}/nowhere"
    complaint = start("startup.wait_for_database(0)", url, tmp_path).communicate()[1]
    assert ("Connection refused" in complaint, "secret" in complaint) == (True, False)
