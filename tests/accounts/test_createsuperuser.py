"""manage.py createsuperuser with Django's own variables."""

from django.core.management import call_command

from accounts.models import User


def test_an_owner_can_be_made_from_variables_alone(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "olga")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "olga@example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough phrase")
    call_command("createsuperuser", "--noinput", verbosity=0)
    olga = User.objects.get(username="olga")
    assert (olga.is_superuser, olga.check_password("a long enough phrase")) == (True, True)
