"""Profile and password."""

import pytest
from django.test import Client

from accounts.models import User

OLD, NEW = "a long enough phrase", "correct horse 9"


def change(client, old=OLD, new=NEW):
    return client.post("/settings/password/", {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.mark.parametrize("page", ["", "password/", "tokens/"])
def test_strangers_are_sent_to_the_sign_in_page(client, db, page):
    assert client.get(f"/settings/{page}")["Location"] == f"/sign-in/?next=/settings/{page}"


@pytest.mark.parametrize("page", ["", "password/", "tokens/", "people/"])
def test_the_page_in_view_is_marked_in_the_navigation(owner_client, page):
    marked = f'href="/settings/{page}" aria-current="page"'
    content = owner_client.get(f"/settings/{page}").content.decode()
    assert (marked in content, content.count('aria-current="page"')) == (True, 1)


def test_the_profile_is_saved(person_client):
    person_client.post("/settings/", {"name": "Anna Ash", "email": "anna@example.com"})
    anna = User.objects.get()
    assert (anna.name, anna.email) == ("Anna Ash", "anna@example.com")


def test_a_wrong_address_is_refused(person_client):
    response = person_client.post("/settings/", {"email": "no address"})
    assert list(response.context["form"].errors) == ["email"]


def test_nobody_makes_themselves_an_owner(person_client):
    person_client.post("/settings/", {"name": "Anna", "is_superuser": "1", "username": "root"})
    assert (User.objects.get().is_superuser, User.objects.get().username) == (False, "anna")


def test_only_owners_are_offered_the_people(person_client, owner_client):
    pages = [client.get("/settings/").content.decode() for client in (person_client, owner_client)]
    assert ['href="/settings/people/"' in page for page in pages] == [False, True]


def test_a_new_password_keeps_this_session_and_ends_the_others(person, person_client):
    other = Client()
    other.force_login(person)
    change(person_client)
    statuses = [client.get("/settings/").status_code for client in (person_client, other)]
    assert (User.objects.get().check_password(NEW), statuses) == (True, [200, 302])


@pytest.mark.parametrize(("old", "new", "field"), [("wrong", NEW, "old_password"), (OLD, "12345", "new_password2")])
def test_a_password_is_not_changed_when_something_is_wrong(person_client, old, new, field):
    response = change(person_client, old, new)
    assert (list(response.context["form"].errors), User.objects.get().check_password(OLD)) == ([field], True)


def test_everybody_decides_whether_what_they_left_is_finished(person_client):
    person_client.post("/settings/", {"name": "Anna", "finishes_recordings": "on"})
    assert User.objects.get().finishes_recordings
    assert 'class="form-check-input" id="id_finishes_recordings"' in person_client.get("/settings/").content.decode()
    person_client.post("/settings/", {"name": "Anna"})
    assert not User.objects.get().finishes_recordings
