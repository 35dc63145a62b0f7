"""What people and tokens are called."""

from django.db import connection

from accounts.models import ApiToken, SetUp, User


def test_a_person_without_a_display_name_goes_by_the_username():
    assert User(username="anna").get_full_name() == "anna"


def test_a_person_with_a_display_name_goes_by_it():
    assert User(username="anna", name="Anna Ash").get_short_name() == "Anna Ash"


def test_a_token_goes_by_its_name_and_not_by_its_digest():
    assert str(ApiToken(name="Laptop", digest="abc")) == "Laptop"


def test_the_set_up_names_the_owner():
    assert str(SetUp(owner=User(username="olga"))) == "Set up by olga"


def test_knox_has_no_table_of_its_own(db):
    assert [name for name in connection.introspection.table_names() if name.startswith("knox")] == []
