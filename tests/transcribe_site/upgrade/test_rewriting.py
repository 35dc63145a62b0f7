"""What rewriting a database of the version before changes besides rows, and what happens where it fails."""

import resource

import pytest
from django.db import connection

from jobs.models import FeedEvent, JobEvent
from tests.transcribe_site.upgrade.previous_database import DELETED_ROWS, read_rows, read_schema
from transcribe_site.upgrade import UpgradeFailed, old_tables, rewrite_database, rewriting
from transcribe_site.upgrade.changes import Changes

HISTORY = "django_migrations"


def get_last_id(rows):
    return max(row["id"] for row in rows)


def test_ids_that_were_given_once_are_never_given_again(previous_database):
    old = read_rows()
    rewrite_database()
    job = JobEvent.objects.latest("id").job
    newest = JobEvent.objects.create(job=job, kind="read", state=job.state)
    told = FeedEvent.objects.create(owner=job.owner, job_id=job.pk, kind="changed", state=job.state)
    assert newest.pk == get_last_id(old["jobs_jobevent"]) + DELETED_ROWS + 1
    assert told.pk == get_last_id(old["jobs_feedevent"]) + DELETED_ROWS + 1


def test_a_table_that_is_not_ours_is_left_alone(previous_database):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE lunches (dish text)")
        cursor.execute("INSERT INTO lunches VALUES ('soup')")
    rewrite_database()
    assert read_rows()["lunches"] == [{"dish": "soup"}]


def test_what_no_change_speaks_of_is_named_and_nothing_changes(previous_database, monkeypatch):
    schema, rows = read_schema(), read_rows()
    monkeypatch.setattr(rewriting, "CHANGES", Changes(emptied_tables=frozenset({HISTORY})))
    with pytest.raises(UpgradeFailed, match=r"columns are not known: .*jobs_step\.textless, jobs_step\.untranscribed"):
        rewrite_database()
    assert (read_schema(), read_rows()) == (schema, rows)


def test_on_sqlite_the_database_as_it_was_is_kept_beside(previous_sqlite):
    (previous_sqlite / "db.sqlite3").chmod(0o600)
    old = read_rows()
    copy = rewrite_database()
    connection.close()
    assert {path.name for path in previous_sqlite.iterdir()} == {"db.sqlite3", copy.name}
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.rename(previous_sqlite / "db.sqlite3")
    assert read_rows() == old


def test_without_an_upgrade_no_copy_is_kept(previous_sqlite, monkeypatch):
    monkeypatch.setattr(rewriting, "CHANGES", Changes())
    with pytest.raises(UpgradeFailed):
        rewrite_database()
    connection.close()
    assert [path.name for path in previous_sqlite.iterdir()] == ["db.sqlite3"]


@pytest.fixture
def small_disk():
    """No file may become larger than 100 KB, as on a disk that is full by then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_copy_that_finds_no_room_changes_nothing(previous_sqlite, small_disk):
    schema = read_schema()
    with pytest.raises(UpgradeFailed, match=r"^disk I/O error\.$|^database or disk is full\.$"):
        rewrite_database()
    assert read_schema() == schema
    assert list(previous_sqlite.glob("*.before-upgrade-*")) == []


def test_what_is_written_after_the_copy_was_made_is_not_lost(previous_sqlite, monkeypatch):
    copy_database = old_tables.copy_database

    def copy_and_write(copy):
        copy_database(copy)
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("UPDATE jobs_job SET progress = 50")
        other.close()

    monkeypatch.setattr(old_tables, "copy_database", copy_and_write)
    with pytest.raises(UpgradeFailed, match=r"^Something else writes to the database. Stop Transcribe everywhere.$"):
        rewrite_database()
    assert {row["progress"] for row in read_rows()["jobs_job"]} == {50}


@pytest.mark.parametrize("previous_database", ["postgresql"], indirect=True)
def test_on_postgresql_what_is_still_in_use_is_not_waited_for(previous_database):
    other = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM jobs_job")
        with pytest.raises(UpgradeFailed, match=r"^canceling statement due to lock timeout.$"):
            rewrite_database()
    other.close()
    assert "doubts" in read_rows()["jobs_transcript"][0]


@pytest.mark.parametrize("previous_database", ["postgresql"], indirect=True)
def test_on_postgresql_what_depends_on_the_old_tables_is_not_dropped(previous_database):
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW done AS SELECT id FROM jobs_job WHERE state = 'completed'")
    schema = read_schema()
    with pytest.raises(UpgradeFailed, match="other objects depend on"):
        rewrite_database()
    assert read_schema() == schema
