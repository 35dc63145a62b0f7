"""The tables of people and API tokens.

The record of the set-up is here too.
"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

NAME_LENGTH = 150
DIGEST_LENGTH = 128  # hexadecimal SHA-512, as knox computes it


class User(AbstractUser):  # type: ignore[django-manager-missing]  # the manager of tokens comes from knox, which has no types
    """A person with an account.

    Owners are the superusers.
    """

    first_name = None  # type: ignore[assignment]  # one display name serves every culture
    last_name = None  # type: ignore[assignment]
    name = models.CharField("display name", max_length=NAME_LENGTH, blank=True)
    finishes_recordings = models.BooleanField(
        "finish my recordings by themselves",
        default=False,
        help_text="What you recorded and did not finish is transcribed after a while, as far as it got.",
    )
    # Notifications decide how people are notified. The preferences are here, as every page asks and already has its
    # person.
    tell_completed = models.BooleanField("when a text is ready", default=True)
    tell_failed = models.BooleanField("when a job has failed", default=True)
    tell_in_tab = models.BooleanField(
        "by the browser, while a page of Transcribe is open and you look at something else", default=False
    )
    tell_by_mail = models.BooleanField("by e-mail", default=False)

    def get_full_name(self) -> str:
        """Return the display name or else the username."""
        return self.name or self.get_username()

    def get_short_name(self) -> str:
        """Return the full name: a display name cannot be shortened."""
        return self.get_full_name()


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox has no types
    """A program's right to act for a person.

    Only the hash of the token is kept. Knox makes the digest the primary key; here it is a plain column, so that it
    never gets into an address.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Knox asks for this related name.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="auth_token_set")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    last_used = models.DateTimeField(null=True, editable=False, help_text="Brought up to date once an hour.")

    class Meta:
        verbose_name = "API token"
        ordering = ("-created", "id")

    def __str__(self) -> str:
        return self.name


class SetUp(models.Model):
    """The one row that names the owner who did the set-up.

    Its fixed key refuses a second set-up at the same moment.
    """

    ONLY_ID = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ID, editable=False)
    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    done_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "set-up"

    def __str__(self) -> str:
        return f"Set up by {self.owner}"
