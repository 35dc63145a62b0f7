"""`manage.py upgrade_data`, and what else is said of data of another version."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.databases import use_database
from tests.postgres import find_free_port
from tests.transcribe_site.upgrade.previous_database import read_rows, read_schema
from transcribe_site.upgrade import DataVersion, recognise_version

NOT_UPGRADED = "The data is of another version of Transcribe."
WHAT_TO_DO = "Stop it everywhere, then run `.venv/bin/python manage.py upgrade_data`."


@pytest.fixture
def current_sqlite(django_db_blocker, tmp_path):
    with use_database("sqlite", tmp_path, django_db_blocker):
        yield


def upgrade():
    """Run the command, and return what it says."""
    out = io.StringIO()
    call_command("upgrade_data", stdout=out)
    return out.getvalue()


def test_data_of_the_version_before_is_upgraded_once(previous_database):
    assert recognise_version() == DataVersion.PREVIOUS
    copy = r" As it was it lies in \S+/db\.sqlite3\.before-upgrade-\d{8}-\d{6}: delete that once all is well\."
    assert re.fullmatch(rf"The data is upgraded\.({copy})?\n", upgrade())
    rows = read_rows()
    assert upgrade() == "The data is of this version already: nothing to do.\n"
    assert read_rows() == rows


def test_the_copy_is_named_where_there_is_one(previous_sqlite):
    said = upgrade()
    (copy,) = previous_sqlite.glob("db.sqlite3.before-upgrade-*")
    assert str(copy) in said


def test_without_data_there_is_nothing_to_do(empty_sqlite):
    assert upgrade() == "There is no data yet: nothing to do.\n"
    assert read_schema() == set()


def test_data_of_an_older_version_is_refused(previous_sqlite):
    MigrationRecorder(connection).record_unapplied("jobs", "0006_feed")
    with pytest.raises(CommandError, match=r"^The data is of an older version than the last one: start that one once,"):
        upgrade()


def test_data_of_a_newer_version_is_refused(current_sqlite):
    MigrationRecorder(connection).record_applied("jobs", "0002_later")
    with pytest.raises(CommandError, match=r"^The data is of a version that this one does not know, perhaps a newer"):
        upgrade()


def test_data_with_other_columns_is_refused_whatever_its_history_says(current_sqlite):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job ADD COLUMN mood text")
    with pytest.raises(CommandError, match=r"^The data is of a version that this one does not know"):
        upgrade()


def test_why_an_upgrade_failed_is_said_in_one_line(previous_sqlite):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job ADD COLUMN mood text")
    schema = read_schema()
    with pytest.raises(CommandError) as raised:
        upgrade()
    assert str(raised.value) == (
        "The data could not be upgraded, and is as it was: These columns are not known: jobs_job.mood."
    )
    assert read_schema() == schema


def test_the_service_does_not_start_on_data_of_the_version_before(previous_sqlite, monkeypatch):
    monkeypatch.setenv("PORT", str(find_free_port()))
    schema = read_schema()
    with pytest.raises(CommandError) as raised:
        call_command("serve")
    assert str(raised.value) == f"{NOT_UPGRADED} {WHAT_TO_DO}"
    assert read_schema() == schema


def test_data_of_the_version_before_is_not_migrated(previous_sqlite):
    schema = read_schema()
    with pytest.raises(SystemCheckError) as raised:
        call_command("migrate", skip_checks=False)
    assert NOT_UPGRADED in str(raised.value)
    assert WHAT_TO_DO in str(raised.value)
    assert read_schema() == schema


def test_new_and_current_data_is_migrated(empty_sqlite):
    for _ in range(2):
        call_command("migrate", skip_checks=False, verbosity=0)
    assert recognise_version() == DataVersion.CURRENT
