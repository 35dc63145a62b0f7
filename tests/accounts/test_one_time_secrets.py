"""One-time secrets come with the redirect after a form.

They reach only the person they belong to, and stay nowhere.
"""

import pytest
from django.test import RequestFactory

from accounts.models import ApiToken
from accounts.one_time_secrets import COOKIE, SECONDS, read_one_time_secret, redirect_showing_once

ADDRESS = "/settings/tokens/"


@pytest.fixture
def answered(person_client):
    return person_client.post(ADDRESS, {"name": "Laptop"})


def test_a_form_leads_to_the_page_so_that_loading_it_anew_sends_nothing(person_client, answered):
    assert (answered.status_code, answered["Location"]) == (302, ADDRESS)
    assert "data-one-time-secret" in person_client.get(ADDRESS).content.decode()
    assert "data-one-time-secret" not in person_client.get(ADDRESS).content.decode()
    assert ApiToken.objects.count() == 1


def test_no_script_and_no_other_page_gets_it_and_it_is_gone_soon(answered):
    cookie = answered.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", ADDRESS)
    assert cookie["max-age"] == SECONDS


def test_it_is_sent_by_https_alone_where_the_page_came_so(person_client):
    answered = person_client.post(ADDRESS, {"name": "Laptop"}, secure=True)
    assert answered.cookies[COOKIE]["secure"]


def test_a_look_ahead_does_not_use_it_up(person_client, answered):
    person_client.head(ADDRESS)
    assert "data-one-time-secret" in person_client.get(ADDRESS).content.decode()


def test_the_next_form_is_shown_after_the_last(person_client, answered):
    person_client.post(ADDRESS, {"name": "Phone"})
    assert "Phone</label>" in person_client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("reader", ["person", "owner"])
def test_only_who_it_is_for_reads_it(person, owner, reader):
    request = RequestFactory().get(ADDRESS)
    request.user = person
    request.COOKIES[COOKIE] = redirect_showing_once(request, ADDRESS, value="secret").cookies[COOKIE].value
    request.user = {"person": person, "owner": owner}[reader]
    assert read_one_time_secret(request) == ({"value": "secret"} if reader == "person" else {})


@pytest.mark.parametrize("text", ["", "x", "eyJ2YWx1ZSI6IngifQ:1:forged"])
def test_what_was_not_made_here_is_nothing(person, text):
    request = RequestFactory().get(ADDRESS)
    request.user, request.COOKIES[COOKIE] = person, text
    assert read_one_time_secret(request) == {}
