"""The SQL that fills new tables, for changes of every kind."""

import pytest

from transcribe_site.upgrade.changes import Changes
from transcribe_site.upgrade.row_copies import UnknownColumns, build_copies


def test_a_table_without_changes_is_copied_as_it_is(db):
    (copy,) = build_copies({"dish": ["id", "name"]}, {"dish": ["id", "name"]}, Changes(), "old")
    assert copy == ('INSERT INTO "dish" ("id", "name") SELECT "id", "name" FROM old."dish"', [])


def test_a_column_is_read_under_its_old_name(db):
    changes = Changes(renamed_columns={("dish", "name"): "title"})
    (copy,) = build_copies({"dish": ["title"]}, {"dish": ["name"]}, changes, "old")
    assert copy.sql == 'INSERT INTO "dish" ("name") SELECT "title" FROM old."dish"'


def test_a_new_column_is_computed_from_the_old_row(db):
    changes = Changes(computed_columns={("dish", "is_hot"): "heat > 5"}, dropped_columns=frozenset({("dish", "heat")}))
    (copy,) = build_copies({"dish": ["id", "heat"]}, {"dish": ["id", "is_hot"]}, changes, "old")
    assert copy.sql == 'INSERT INTO "dish" ("id", "is_hot") SELECT "id", heat > 5 FROM old."dish"'


def test_values_get_their_new_names_at_once_so_that_names_may_change_places(db):
    changes = Changes(renamed_values={("dish", "kind"): {"soup": "stew", "stew": "soup"}})
    (copy,) = build_copies({"dish": ["kind"]}, {"dish": ["kind"]}, changes, "old")
    assert copy == (
        'INSERT INTO "dish" ("kind") SELECT CASE "kind" WHEN %s THEN %s WHEN %s THEN %s ELSE "kind" END FROM old."dish"',
        ["soup", "stew", "stew", "soup"],
    )


def test_columns_can_move_to_a_table_of_their_own(db):
    changes = Changes(sources={"taste": "dish"}, renamed_columns={("taste", "dish_id"): "id"})
    copies = build_copies({"dish": ["id", "salt"]}, {"dish": ["id"], "taste": ["dish_id", "salt"]}, changes, "old")
    assert [copy.sql for copy in copies] == [
        'INSERT INTO "dish" ("id") SELECT "id" FROM old."dish"',
        'INSERT INTO "taste" ("dish_id", "salt") SELECT "id", "salt" FROM old."dish"',
    ]


def test_tables_that_are_new_or_emptied_stay_empty(db):
    changes = Changes(emptied_tables=frozenset({"order"}))
    assert build_copies({"order": ["id"]}, {"order": ["id"], "guest": ["id"]}, changes, "old") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [({"dish": ["id", "salt"]}, {"dish": ["id"]}), ({"dish": ["id"]}, {"dish": ["id", "salt"]})],
)
def test_a_column_that_no_change_speaks_of_is_named(db, old, new):
    with pytest.raises(UnknownColumns, match=r"^dish\.salt$"):
        build_copies(old, new, Changes(), "old")


def test_a_table_that_is_gone_is_named_by_its_columns(db):
    with pytest.raises(UnknownColumns, match=r"^dish\.id, dish\.salt$"):
        build_copies({"dish": ["id", "salt"]}, {}, Changes(), "old")
