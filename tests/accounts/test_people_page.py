"""The page on which owners manage people."""

import re

import pytest
from django.test import Client

from accounts.models import User

NEW = {"username": "ben", "name": "Ben Birch", "email": "ben@example.com"}
LINK = re.compile(r'value="(http://testserver/invitation/[^"]+)"')


def find_link(response):
    return LINK.search(response.content.decode())


def list_messages(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("path", ["", "1/link/", "1/deactivate/", "1/reactivate/"])
def test_strangers_are_sent_to_the_sign_in_page(client, db, path):
    address = f"/settings/people/{path}"
    assert client.post(address)["Location"] == f"/sign-in/?next={address}"


@pytest.mark.parametrize("path", ["", "1/link/", "1/deactivate/", "1/reactivate/"])
def test_only_owners_get_in(person_client, path):
    assert person_client.post(f"/settings/people/{path}").status_code == 403


def test_everyone_is_listed_the_active_first(owner_client, person):
    User.objects.create_user("aaron", is_active=False)
    people = owner_client.get("/settings/people/").context["people"]
    assert [who.username for who in people] == ["anna", "olga", "aaron"]


def test_the_list_takes_as_many_queries_for_three_people_as_for_one(owner_client, count_queries):
    first = count_queries(owner_client, "/settings/people/")
    for name in ("ben", "cleo"):
        User.objects.create_user(name)
    assert count_queries(owner_client, "/settings/people/") == first


def test_a_new_person_cannot_sign_in_before_choosing_a_password(owner_client):
    owner_client.post("/settings/people/", NEW)
    ben = User.objects.get(username="ben")
    assert (ben.name, ben.email, ben.has_usable_password(), ben.is_staff) == (
        "Ben Birch",
        "ben@example.com",
        False,
        False,
    )


def test_the_link_of_a_new_person_is_shown_once(owner_client):
    first = owner_client.post("/settings/people/", NEW, follow=True)
    again = owner_client.get("/settings/people/")
    assert (find_link(first) is None, find_link(again)) == (False, None)


def test_the_page_with_the_link_is_kept_by_no_cache(owner_client):
    assert "no-store" in owner_client.post("/settings/people/", NEW, follow=True)["Cache-Control"]


def test_the_link_has_a_button_that_copies_it(owner_client):
    page = owner_client.post("/settings/people/", NEW, follow=True).content.decode()
    assert ('id="one-time-secret"' in page, 'data-copy-from="one-time-secret"' in page) == (True, True)


@pytest.mark.parametrize("username", ["olga", "OLGA"])
def test_a_username_that_someone_has_is_refused(owner_client, username):
    response = owner_client.post("/settings/people/", {"username": username})
    assert list(response.context["form"].errors) == ["username"]


def test_a_person_can_be_given_a_new_link(owner_client, person):
    assert find_link(owner_client.post(f"/settings/people/{person.pk}/link/", follow=True)) is not None


def test_a_deactivated_person_gets_no_link(owner_client):
    ben = User.objects.create_user("ben", is_active=False)
    assert owner_client.post(f"/settings/people/{ben.pk}/link/").status_code == 404


def test_looking_at_a_link_address_makes_none(owner_client, person):
    answer = owner_client.get(f"/settings/people/{person.pk}/link/", follow=True)
    assert answer.redirect_chain == [("/settings/people/", 302)]
    assert find_link(answer) is None


def test_deactivating_says_what_happened(owner_client, person):
    response = owner_client.post(f"/settings/people/{person.pk}/deactivate/", follow=True)
    assert list_messages(response) == ["anna can no longer sign in."]


def test_reactivating_says_what_happened(owner_client):
    ben = User.objects.create_user("ben", is_active=False)
    response = owner_client.post(f"/settings/people/{ben.pk}/reactivate/", follow=True)
    assert (list_messages(response), User.objects.get(pk=ben.pk).is_active) == (["ben can sign in again."], True)


def test_deactivating_oneself_is_refused_in_words(owner, owner_client):
    response = owner_client.post(f"/settings/people/{owner.pk}/deactivate/", follow=True)
    assert list_messages(response) == ["You cannot deactivate yourself."]


@pytest.mark.parametrize("action", ["link", "deactivate", "reactivate"])
def test_nobody_is_not_found(owner_client, action):
    assert owner_client.post(f"/settings/people/9999/{action}/").status_code == 404


def test_one_s_own_row_has_no_button_to_deactivate(owner, owner_client):
    page = owner_client.get("/settings/people/").content.decode()
    assert f"/settings/people/{owner.pk}/deactivate/" not in page


def test_the_new_person_chooses_a_password_and_is_signed_in(owner_client):
    link = find_link(owner_client.post("/settings/people/", NEW, follow=True))[1]
    client, chosen = Client(), "correct horse 9"
    form = client.get(link, follow=True).redirect_chain[0][0]
    response = client.post(form, {"new_password1": chosen, "new_password2": chosen})
    ben = User.objects.get(username="ben")
    assert (response["Location"], client.session["_auth_user_id"]) == ("/", str(ben.pk))
    assert ben.check_password(chosen) is True
