"""The owners' actions on people.

They invite, renew links, deactivate and reactivate.
"""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User


class CannotDeactivate(Exception):
    """The message says why this person has to stay active."""


def build_link_path(person: User) -> str:
    """Return the path of a link to set a password.

    It works once, within PASSWORD_RESET_TIMEOUT.
    """
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return reverse("accounts:invitation", kwargs={"uidb64": uid, "token": token})


def deactivate_person(person_id: int, actor: User) -> User:
    """Deactivate a person and return them.

    They can no longer sign in, and their tokens and links no longer work.

    Raises:
        User.DoesNotExist: there is no person with this id.
        CannotDeactivate: it is the actor, or the actor is no longer an active owner
        so one owner always stays.
    """
    with transaction.atomic():
        # All owners are locked, so that two who deactivate each other at once do not both succeed.
        owners = {owner.pk for owner in User.objects.select_for_update().filter(is_superuser=True, is_active=True)}
        person = User.objects.get(pk=person_id)
        if person.pk == actor.pk:
            raise CannotDeactivate("You cannot deactivate yourself.")
        if actor.pk not in owners:
            raise CannotDeactivate("You no longer manage people.")
        return _set_active(person, active=False)


def reactivate_person(person_id: int) -> User:
    """Reactivate a person and return them.

    They can sign in again.

    Raises:
        User.DoesNotExist: there is no person with this id.
    """
    return _set_active(User.objects.get(pk=person_id), active=True)


def _set_active(person: User, *, active: bool) -> User:
    person.is_active = active
    person.save(update_fields=["is_active"])
    return person
