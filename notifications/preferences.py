"""The notification preferences of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifications.models import NotificationPreferences

if TYPE_CHECKING:
    from accounts.models import User


def get_preferences(owner: User) -> NotificationPreferences:
    """Return the preferences of a person; made when first needed."""
    preferences, _ = NotificationPreferences.objects.get_or_create(owner_id=owner.pk)
    return preferences
