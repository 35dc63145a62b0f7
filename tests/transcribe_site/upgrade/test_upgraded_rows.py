"""Tables and rows of a database that was upgraded, on both stacks."""

from django.core.management import call_command

from tests.transcribe_site.upgrade.previous_database import read_rows, read_schema, use_empty_database

RENAMED = {"textless": "untranscribed", "doubts": "review_spot_count"}
RENAMED |= {"yields_until": "deprioritized_until"}
GONE = {"nudged_at", "claim_id"}
NEW = {"notifications_delivery": {"claimed_by": "", "claimed_at": None}}
KINDS = {"retried_step": "step_rescheduled", "handed_back": "step_released", "released": "reuse_failed"}
PREFERENCES = {"tell_completed": "on_completed", "tell_failed": "on_failed"}
PREFERENCES |= {"tell_in_tab": "in_tab", "tell_by_mail": "by_mail"}
GONE |= set(PREFERENCES)
HISTORY = "django_migrations"
MESSAGES = "django_q_ormq"
# Django adds a row for each model that is new.
GROWING = {"auth_permission", "django_content_type"}


def rewrite(table, row):
    """Return an old row under the names of this version."""
    known = {RENAMED.get(name, name): value for name, value in row.items() if name not in GONE}
    known |= NEW.get(table, {})
    return {**known, "kind": KINDS.get(row["kind"], row["kind"])} if "kind" in row else known


def sort(rows):
    return sorted(rows, key=lambda row: sorted((name, str(value)) for name, value in row.items()))


def test_the_tables_are_those_of_a_new_database(upgraded, django_db_blocker, tmp_path):
    found, folder = read_schema(), tmp_path / "new"
    folder.mkdir()
    with use_empty_database(upgraded.stack, folder, django_db_blocker):
        call_command("migrate", verbosity=0, run_syncdb=True)
        assert found == read_schema()


def test_every_row_is_there_under_its_new_names(upgraded):
    old = upgraded.old_rows
    new = read_rows()
    kept = set(old) - {HISTORY, MESSAGES} - GROWING
    expected = {table: sort(rewrite(table, row) for row in old[table]) for table in kept}
    assert {table: sort(new[table]) for table in kept} == expected
    assert [table for table in GROWING if any(row not in new[table] for row in old[table])] == []


def test_messages_go_as_workers_make_new_ones(upgraded):
    assert len(upgraded.old_rows[MESSAGES]) == 2
    assert read_rows()[MESSAGES] == []


def test_django_finds_nothing_left_to_migrate(upgraded):
    call_command("migrate", check_unapplied=True, verbosity=0)
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_preferences_have_a_table_of_their_own(upgraded):
    people = upgraded.old_rows["accounts_user"]
    expected = [{"owner_id": row["id"], **{new: row[old] for old, new in PREFERENCES.items()}} for row in people]
    assert sort(read_rows()["notifications_notificationpreferences"]) == sort(expected)
