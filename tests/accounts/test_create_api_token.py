"""manage.py create_api_token."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.crypto import hash_token

from accounts.models import ApiToken


def run(*arguments):
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_token_alone(person):
    lines = run("anna").splitlines()
    assert [line[:3] for line in lines] == ["tr_"]


def test_only_the_hash_of_the_token_is_kept(person):
    text = run("anna").strip()
    token = ApiToken.objects.get()
    assert token.digest == hash_token(text)
    assert text not in [str(value) for value in vars(token).values()]


def test_the_token_never_expires_unless_asked(person):
    run("anna")
    assert ApiToken.objects.get().expiry is None


def test_it_expires_after_the_days_asked_for(person):
    run("anna", "--expires-days", "2")
    left = ApiToken.objects.get().expiry - timezone.now()
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)


def test_the_token_has_the_name_given(person):
    run("anna", "--name", " Backup script ")
    assert ApiToken.objects.get().name == "Backup script"


def test_an_unknown_username_is_refused(db):
    with pytest.raises(CommandError, match="no active person with the username 'nobody'"):
        run("nobody")


def test_a_deactivated_person_gets_no_token(person):
    person.is_active = False
    person.save()
    with pytest.raises(CommandError, match="no active person"):
        run("anna")


@pytest.mark.parametrize("days", ["0", "-1", "soon", "3651"])
def test_days_that_make_no_sense_are_refused(person, days):
    with pytest.raises(CommandError, match="whole number from 1 to 3650"):
        run("anna", f"--expires-days={days}")


@pytest.mark.parametrize("name", [" ", "x" * 151])
def test_an_empty_or_endless_name_is_refused(person, name):
    with pytest.raises(CommandError, match="1 to 150 characters"):
        run("anna", f"--name={name}")
