"""The tables of webhooks, browsers and their deliveries.

Each try of a delivery has a row, and each host that fails a circuit.
"""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from foundation.database.leased_rows import LeasedRow
from notifications import targets

URL_LENGTH = 500
SECRET_BYTES = 24
# A name of DNS has 253 characters at most, and a port five.
HOST_LENGTH = 260
NO_HOST = "(no host)"


def make_secret() -> str:
    """Return a new secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Event(models.TextChoices):
    """The events that people are notified of."""

    COMPLETED = "job.completed", "Text is ready"
    FAILED = "job.failed", "Job failed"
    TEST = "test", "Test"


class Channel(models.TextChoices):
    """The channel of a delivery, which has a folder in `notifications.channels`."""

    WEBHOOK = "webhook", "Webhook"
    PUSH = "push", "Browser"
    MAIL = "mail", "E-mail"


class DeliveryState(models.TextChoices):
    """The state of a delivery; a lease holds it while SENDING."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class NotificationPreferences(models.Model):
    """What one person is notified of and how."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    on_completed = models.BooleanField("when a text is ready", default=True)
    on_failed = models.BooleanField("when a job has failed", default=True)
    in_tab = models.BooleanField(
        "by the browser, while a page of Transcribe is open and you look at something else", default=False
    )
    by_mail = models.BooleanField("by e-mail", default=False)

    class Meta:
        verbose_name_plural = "notification preferences"

    def __str__(self) -> str:
        return f"Notification preferences of {self.owner}"

    def wants(self, event: str) -> bool:
        """Whether this person is notified of an event."""
        return self.on_completed if event == Event.COMPLETED else self.on_failed


class Receiver(models.Model):
    """A webhook or browser, which is called over HTTP."""

    host = models.CharField(
        max_length=HOST_LENGTH, default=NO_HOST, editable=False, help_text="Which circuit its address belongs to."
    )
    deprioritized_until = models.DateTimeField(
        null=True, editable=False, db_index=True, help_text="Until when others are called first, as it was slow."
    )

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Store it with the host of its address."""
        self.host = get_host_name(self.get_address())
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "host"}
        super().save(**options)

    def get_address(self) -> str:
        """Return the address that is called."""
        raise NotImplementedError


def get_host_name(address: str) -> str:
    """Return the host of an address; NO_HOST if it is broken."""
    try:
        return targets.find_host(address)
    except ValueError:
        return NO_HOST


class Webhook(Receiver):
    """An address that is called when its owner's jobs have ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    # No URLField, which refuses names without a dot, as programs in one's own network have.
    url = models.CharField("address", max_length=URL_LENGTH)
    on_completed = models.BooleanField("when a text is ready", default=True)
    on_failed = models.BooleanField("when a job has failed", default=True)
    secret = models.CharField(max_length=100, default=make_secret, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False, help_text="Until when it signs as well.")
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Failed tries in a row.")
    paused_at = models.DateTimeField(null=True, editable=False)
    pause_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url

    def get_address(self) -> str:
        return self.url

    @property
    def has_old_secret(self) -> bool:
        """Whether the secret before this one is still good."""
        return self.old_secret_until is not None and self.old_secret_until > timezone.now()


class PushSubscription(Receiver):
    """One browser that is notified, as the Push API names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=URL_LENGTH, unique=True)
    p256dh = models.CharField(max_length=100, help_text="The browser's public key.")
    auth = models.CharField(max_length=40, help_text="The browser's secret.")
    label = models.CharField(max_length=100, blank=True, help_text="Which browser it is.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.label or "Browser"

    def get_address(self) -> str:
        return self.endpoint


class Delivery(LeasedRow):
    """One notification by one channel, written in the transaction of its event.

    `runnable_at` is empty once it has ended, and while it is deferred because its webhook is paused.
    """

    HELD = "sending"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel)
    # Without constraints: deleting one while a job ends must not keep the job from ending.
    webhook = models.ForeignKey(
        Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    subscription = models.ForeignKey(
        PushSubscription, null=True, on_delete=models.SET_NULL, related_name="deliveries", db_constraint=False
    )
    event = models.CharField(max_length=20, choices=Event)
    job_id = models.UUIDField(null=True)
    body: models.JSONField[dict[str, Any]] = models.JSONField(default=dict, help_text="As it was when it happened.")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="delivery_owner_newest"),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_webhook_newest"),
            models.Index(fields=["created_at"], name="delivery_age"),
            models.Index(
                fields=["state", "runnable_at"],
                name="delivery_open",
                condition=models.Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.channel}"

    @property
    def is_scheduled(self) -> bool:
        """Whether it is to be tried at some time to come."""
        return self.runnable_at is not None and self.runnable_at > timezone.now()


class Attempt(models.Model):
    """One try of a delivery, and how it ended."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", db_constraint=False)
    status = models.PositiveIntegerField(null=True, help_text="HTTP status of the answer; none where none came.")
    milliseconds = models.PositiveIntegerField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["created_at"], name="attempt_age")]

    def __str__(self) -> str:
        return self.error or "delivered"


class Circuit(models.Model):
    """A host that fails, open while it is not to be called.

    A success removes it.
    """

    host = models.CharField(max_length=HOST_LENGTH + 40, primary_key=True, help_text="And of whom, for webhooks.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.host
