"""The tables: webhooks, browsers to push to, deliveries with each try, and circuits to hosts."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

URL_LENGTH = 500
SECRET_BYTES = 24


def make_secret() -> str:
    """Return a new secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Event(models.TextChoices):
    """What is told of."""

    COMPLETED = "job.completed", "Text is ready"
    FAILED = "job.failed", "Job failed"
    TEST = "test", "Test"


class Channel(models.TextChoices):
    """By what way."""

    WEBHOOK = "webhook", "Webhook"
    PUSH = "push", "Browser"
    MAIL = "mail", "E-mail"


class DeliveryState(models.TextChoices):
    """Where a delivery stands; one that is being sent is held by a lease."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class IsOpen(models.Func):
    """Whether a delivery is still to be made, in the words of the index `delivery_open`, which SQLite asks for."""

    template = f"%(expressions)s IN ('{DeliveryState.WAITING.value}', '{DeliveryState.SENDING.value}')"
    output_field = models.BooleanField()

    def __init__(self) -> None:
        super().__init__(models.F("state"))


class Webhook(models.Model):
    """An address that is called when one of its owner's jobs has ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField("address", max_length=URL_LENGTH)
    on_completed = models.BooleanField("when a text is ready", default=True)
    on_failed = models.BooleanField("when a job has failed", default=True)
    secret = models.CharField(max_length=100, default=make_secret, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Failed tries in a row.")
    paused_at = models.DateTimeField(null=True, editable=False)
    pause_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url


class PushSubscription(models.Model):
    """One browser that wants to be told, as the Push API names it."""

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


class Delivery(models.Model):
    """One thing to tell by one way, written in the transaction in which it happened."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel)
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscription = models.ForeignKey(PushSubscription, null=True, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=20, choices=Event)
    job_id = models.UUIDField(null=True)
    body: models.JSONField[dict[str, Any]] = models.JSONField(default=dict, help_text="As it was when it happened.")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="How many times it was tried.")
    runnable_at = models.DateTimeField(help_text="Database time from which it may be tried.")
    claim_id = models.UUIDField(null=True, editable=False, help_text="Whose the lease is: new with each claim.")
    lease_expires_at = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)
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


class Attempt(models.Model):
    """One try of a delivery, and how it ended."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    status = models.PositiveIntegerField(null=True, help_text="HTTP status of the answer; none where none came.")
    milliseconds = models.PositiveIntegerField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.error or "delivered"


class Circuit(models.Model):
    """A host that fails; open while nobody is to call it. A success removes it."""

    host = models.CharField(max_length=260, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.host
