"""Who may deactivate whom."""

import pytest

from accounts.models import User
from accounts.people import CannotDeactivate, deactivate_person, reactivate_person


def test_a_deactivated_person_is_inactive(owner, person):
    deactivate_person(person.pk, owner)
    assert User.objects.get(pk=person.pk).is_active is False


def test_a_reactivated_person_is_active(owner, person):
    deactivate_person(person.pk, owner)
    reactivate_person(person.pk)
    assert User.objects.get(pk=person.pk).is_active is True


def test_nobody_deactivates_themselves(owner):
    with pytest.raises(CannotDeactivate, match="yourself"):
        deactivate_person(owner.pk, owner)


def test_an_owner_can_deactivate_another_owner(owner):
    other = User.objects.create_superuser("otto")
    assert deactivate_person(other.pk, owner).is_active is False


def test_of_two_owners_who_deactivate_each_other_one_stays(owner):
    other = User.objects.create_superuser("otto")
    deactivate_person(other.pk, owner)
    with pytest.raises(CannotDeactivate, match="no longer manage"):
        deactivate_person(owner.pk, other)
    assert User.objects.get(pk=owner.pk).is_active is True
