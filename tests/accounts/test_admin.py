"""People and tokens in the admin."""

import pytest

from accounts.api_tokens import issue_token
from accounts.models import ApiToken, User


def test_a_person_is_edited_with_the_display_name(owner_client, person):
    page = owner_client.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    assert ('name="name"' in page, "first_name" in page) == (True, False)


def test_a_person_can_be_added(owner_client):
    data = {
        "username": "ben",
        "usable_password": "true",
        "password1": "correct horse 9",
        "password2": "correct horse 9",
    }
    owner_client.post("/admin/accounts/user/add/", data)
    assert User.objects.get(username="ben").check_password("correct horse 9") is True


def test_nobody_is_deleted(owner_client, person):
    response = owner_client.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"})
    assert (response.status_code, User.objects.filter(pk=person.pk).exists()) == (403, True)


def test_people_are_found_by_name(owner_client, person):
    page = owner_client.get("/admin/accounts/user/?q=owner").content.decode()
    assert (">olga</a>" in page, ">anna</a>" in page) == (True, False)


def test_the_digest_of_a_token_is_nowhere(owner_client, person):
    token, _ = issue_token(person, "Laptop")
    pages = ["/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{token.pk}/change/"]
    contents = [owner_client.get(page).content.decode() for page in pages]
    assert [("Laptop" in content, token.digest in content) for content in contents] == [(True, False), (True, False)]


def test_a_token_can_neither_be_added_nor_changed(owner_client, person):
    token, _ = issue_token(person, "Laptop")
    pages = ["/admin/accounts/apitoken/add/", f"/admin/accounts/apitoken/{token.pk}/change/"]
    assert [owner_client.post(page, {"name": "Other"}).status_code for page in pages] == [403, 403]


def test_a_token_can_be_deleted(owner_client, person):
    token, _ = issue_token(person, "Laptop")
    owner_client.post(f"/admin/accounts/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize("model", ["apitoken", "user"])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(owner, owner_client, count_queries, model):
    issue_token(owner, "Laptop")
    first = count_queries(owner_client, f"/admin/accounts/{model}/")
    for name in ("ben", "cleo"):
        issue_token(User.objects.create_user(name), "Laptop")
    assert count_queries(owner_client, f"/admin/accounts/{model}/") == first
