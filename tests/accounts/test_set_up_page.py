"""The page that creates the owner's account."""

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import User
from accounts.setup import ensure_setup_token

ROOT = Path(__file__).parents[2]
RACE = """
import django, threading
django.setup()
from django.core.management import call_command
from django.test import Client
from accounts.models import User
from accounts.setup import ensure_setup_token
call_command("migrate", verbosity=0)
token, barrier, answers = ensure_setup_token(), threading.Barrier(2), []

def post(username):
    data = {"token": token, "username": username, "password1": "correct horse 9", "password2": "correct horse 9"}
    barrier.wait()
    answers.append(Client().post("/set-up/", data, HTTP_HOST="localhost").headers["Location"])

threads = [threading.Thread(target=post, args=[name]) for name in ("olga", "eve")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sorted(answers), User.objects.count())
"""


def fill_in(**changes):
    password = "correct horse 9"
    return {"token": ensure_setup_token(), "username": "olga", "password1": password, "password2": password, **changes}


def test_the_page_has_a_field_to_paste_the_token_in(client, db):
    assert 'name="token"' in client.get("/set-up/").content.decode()


def test_the_token_is_in_no_page(client, db):
    assert ensure_setup_token() not in client.get("/set-up/").content.decode()


def test_whoever_has_the_token_becomes_the_owner_and_is_signed_in(client, db):
    response = client.post("/set-up/", fill_in(name="Olga Owner"))
    owner = User.objects.get()
    assert (response["Location"], client.session["_auth_user_id"]) == ("/", str(owner.pk))
    assert (owner.username, owner.name, owner.is_superuser) == ("olga", "Olga Owner", True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": "wrong"}, "token"),
        ({"token": ""}, "token"),
        ({"password1": "12345", "password2": "12345"}, "password2"),
        ({"password2": "another phrase"}, "password2"),
        ({"username": ""}, "username"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_creates_nobody(client, db, changes, field):
    response = client.post("/set-up/", fill_in(**changes))
    assert (list(response.context["form"].errors), User.objects.count()) == ([field], 0)


def test_an_error_is_tied_to_its_field(client, db):
    page = client.post("/set-up/", fill_in(token="wrong")).content.decode()
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_token_helptext id_token_error"' in page
    assert 'id="id_token_error"' in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_once_someone_has_an_account_the_page_leads_to_sign_in(client, owner, method):
    assert getattr(client, method)("/set-up/")["Location"] == "/sign-in/"


def test_wrong_tokens_are_throttled(client, db, set_rates):
    set_rates(sign_in="2/minute")
    answers = [client.post("/set-up/", fill_in(token="wrong")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_the_right_token_with_a_weak_password_is_not_throttled(client, db, set_rates):
    set_rates(sign_in="1/minute")
    weak = fill_in(password1="12345", password2="12345")
    assert [client.post("/set-up/", weak).status_code for _ in range(3)] == [200, 200, 200]


def test_someone_who_was_a_moment_later_is_led_to_sign_in(client, db, monkeypatch):
    data = fill_in()
    User.objects.create_user("first")
    monkeypatch.setattr("accounts.views.signing_in.is_set_up", lambda: False)
    assert client.post("/set-up/", data)["Location"] == "/sign-in/"


def test_of_two_set_ups_at_the_same_moment_one_gets_through(tmp_path):
    environment = {"DJANGO_SETTINGS_MODULE": "transcribe_site.settings", "TRANSCRIBE_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", RACE], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["['/', '/sign-in/'] 1"]
