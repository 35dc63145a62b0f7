"""The one-time links that set a password."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.people import build_link_path

CHOSEN = "correct horse 9"


def choose(client, link, password=CHOSEN):
    form = client.get(link, follow=True).redirect_chain[0][0]
    return client.post(form, {"new_password1": password, "new_password2": password})


def is_valid(link):
    return Client().get(link, follow=True).context["validlink"]


def test_a_link_sets_a_new_password(client, person):
    choose(client, build_link_path(person))
    assert User.objects.get().check_password(CHOSEN) is True


def test_the_token_is_not_in_the_address_of_the_form(client, person):
    link = build_link_path(person)
    assert client.get(link)["Location"].endswith("/set-password/")


def test_a_link_works_once(client, person):
    link = build_link_path(person)
    choose(client, link)
    assert is_valid(link) is False


def test_a_link_is_followed_twice_at_once_and_works_once(person):
    link, first, second = build_link_path(person), Client(), Client()
    forms = [client.get(link)["Location"] for client in (first, second)]
    data = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    statuses = [client.post(form, data).status_code for client, form in zip((first, second), forms, strict=True)]
    assert statuses == [302, 200]


def count_transactions(client, send):
    with CaptureQueriesContext(connection) as queries:
        send(client)
    return len([query for query in queries if query["sql"].startswith("SAVEPOINT")])


def test_whoever_only_looks_keeps_nobody_from_writing(client, person):
    form = client.get(build_link_path(person))["Location"]
    assert count_transactions(client, lambda client: client.get(form)) == 0


def test_a_password_is_taken_in_a_transaction(client, person):
    form = client.get(build_link_path(person))["Location"]
    assert count_transactions(client, lambda client: client.post(form)) == 1


def test_a_link_ends_after_three_days(person):
    link = build_link_path(person)
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert is_valid(link) is False


def test_the_link_of_a_deactivated_person_does_not_work(person):
    link = build_link_path(person)
    User.objects.update(is_active=False)
    assert is_valid(link) is False


@pytest.mark.parametrize("link", ["/invitation/xx/yy/", "/invitation/OTk5OQ/cx-123/"])
def test_an_invented_link_does_not_work(db, link):
    assert is_valid(link) is False


def test_a_link_that_does_not_work_says_what_to_do(client, db):
    assert "Ask the owner of this service for a new one." in client.get("/invitation/xx/yy/").content.decode()


def test_a_weak_password_is_refused_and_the_link_goes_on_working(client, person):
    link = build_link_path(person)
    response = choose(client, link, "12345")
    assert (list(response.context["form"].errors), is_valid(link)) == (["new_password2"], True)
