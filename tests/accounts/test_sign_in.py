"""The sign-in page, sign-out and the admin's sign-in."""

from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from accounts.attempt_throttles import SignInThrottle
from accounts.models import User

PASSWORD = "a long enough phrase"


def sign_in(client, username="anna", password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def test_the_right_password_leads_home(client, person):
    response = sign_in(client)
    assert (response["Location"], client.session["_auth_user_id"]) == ("/", str(person.pk))


def test_the_session_is_a_new_one_after_the_sign_in(client, person):
    session = client.session
    session["kept"] = 1
    session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(("username", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("Anna", PASSWORD)])
def test_wrong_words_get_one_answer_that_tells_nothing_apart(client, person, username, password):
    response = sign_in(client, username, password)
    assert response.context["form"].non_field_errors() == [
        "This username and password do not match. Both are case-sensitive."
    ]


def test_a_deactivated_person_cannot_sign_in(client, person):
    User.objects.update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_deactivation_ends_the_session(person_client):
    User.objects.update(is_active=False)
    assert person_client.get("/settings/")["Location"] == "/sign-in/?next=/settings/"


def test_the_person_gets_where_they_wanted_to_go(client, person):
    assert sign_in(client, next="/settings/")["Location"] == "/settings/"


# pains O3
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/sign-in/", "/sign-in/?next=/"]
)
def test_no_address_leads_astray_or_in_circles(client, person, target):
    assert sign_in(client, next=target)["Location"] == "/"


def test_the_page_keeps_the_wanted_address_in_its_form(client, person):
    page = client.get("/sign-in/?next=/settings/").content.decode()
    assert '<input type="hidden" name="next" value="/settings/">' in page


@pytest.mark.parametrize("query", ["", "?next=/sign-in/"])
def test_whoever_is_signed_in_is_led_home(person_client, query):
    assert person_client.get(f"/sign-in/{query}")["Location"] == "/"


@pytest.mark.parametrize("start", ["/", "/sign-in/", "/settings/"])
def test_with_nobody_here_a_newcomer_is_told_where_to_begin(client, db, start):
    page = client.get(start, follow=True).content.decode()
    assert "No account yet. Open the address that was printed when the program started" in page
    assert ('href="/set-up/"' in page, 'name="password"' in page) == (True, False)


def test_each_control_has_a_label(client, person):
    page = client.get("/sign-in/").content.decode()
    assert [f'<label class="form-label" for="id_{name}">' in page for name in ("username", "password")] == [True, True]


def test_too_many_attempts_at_one_username_have_to_wait(client, person, set_rates):
    set_rates(sign_in="2/minute")
    answers = [sign_in(client, password="wrong") for _ in range(2)]
    answers.append(sign_in(client))
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    wait = int(answers[2]["Retry-After"])
    assert f"Wait {wait} second" in answers[2].content.decode()


def test_one_second_is_said_in_the_singular(client, person, set_rates):
    set_rates(sign_in="1/second")
    sign_in(client, password="wrong")
    assert "Wait 1 second and" in sign_in(client).content.decode()


@pytest.mark.parametrize("username", ["ANNA", " anna ", "\uff41nna"])
def test_another_way_of_writing_a_username_is_no_way_round(client, person, set_rates, username):
    set_rates(sign_in="1/minute")
    sign_in(client, password="wrong")
    assert sign_in(client, username).status_code == 429


def test_attempts_at_one_username_do_not_lock_others_out(client, person, owner, set_rates):
    set_rates(sign_in="1/minute")
    sign_in(client, "olga", "wrong")
    assert sign_in(client).status_code == 302


def test_attempts_from_one_address_do_not_lock_another_out(client, person, set_rates):
    set_rates(sign_in="1/minute")
    sign_in(client, password="wrong")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.2")).status_code == 302


def test_one_password_cannot_be_tried_on_many_names(client, person, set_rates):
    set_rates(sign_in_address="2/minute")
    statuses = [sign_in(client, name, "summer 2024").status_code for name in ("olga", "eve", "bob")]
    assert statuses == [200, 200, 429]


def test_an_own_account_does_not_start_the_address_afresh(client, person, set_rates):
    set_rates(sign_in_address="2/minute")
    statuses = [sign_in(Client(), *words).status_code for words in (("olga", "x"), ("anna", PASSWORD), ("olga", "x"))]
    assert statuses == [200, 302, 429]


def test_attempts_at_many_names_do_not_wash_away_the_count_of_one(client, person, set_rates):
    set_rates(sign_in="1/hour", sign_in_address="1000/hour")
    sign_in(client, password="wrong")
    for number in range(2500):
        (Path(cache._dir) / f"{number}.djcache").touch()
    for number in range(12):
        SignInThrottle(RequestFactory().post("/sign-in/"), f"name {number}").count()
    assert sign_in(client).status_code == 429


def test_right_passwords_are_not_counted(person, set_rates):
    set_rates(sign_in="1/minute")
    assert [sign_in(Client()).status_code for _ in range(3)] == [302, 302, 302]


def test_sign_out_ends_the_session(person_client):
    response = person_client.post("/sign-out/")
    assert (response["Location"], "_auth_user_id" in person_client.session) == ("/sign-in/", False)


def test_a_link_cannot_sign_out(person_client):
    assert (person_client.get("/sign-out/").status_code, "_auth_user_id" in person_client.session) == (405, True)


def test_sign_in_needs_the_token_against_forgery(person):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_the_admin_sends_strangers_to_the_sign_in_page_and_back(client, owner):
    first = client.get("/admin/accounts/user/", follow=True)
    assert first.redirect_chain[-1] == ("/sign-in/?next=/admin/accounts/user/", 302)
    assert sign_in(client, "olga", next="/admin/accounts/user/")["Location"] == "/admin/accounts/user/"


def test_the_admin_refuses_people_who_are_not_staff_without_a_loop(person_client):
    response = person_client.get("/admin/", follow=True)
    assert (response.status_code, len(response.redirect_chain)) == (403, 1)


def test_the_admins_login_address_leads_staff_to_the_admin(owner_client):
    assert owner_client.get("/admin/login/")["Location"] == "/admin/"


def test_the_admins_login_address_takes_no_password(client, owner):
    response = client.post("/admin/login/", {"username": "olga", "password": PASSWORD})
    assert (response["Location"], "_auth_user_id" in client.session) == ("/sign-in/?next=/admin/", False)
