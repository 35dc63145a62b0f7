"""The fields of notifications in the API."""

from __future__ import annotations

from binascii import Error as Base64Error
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.core.exceptions import ValidationError as FormError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from notifications import conf
from notifications.channels.push import push_channel
from notifications.forms import check_address
from notifications.models import (
    URL_LENGTH,
    Attempt,
    Delivery,
    DeliveryState,
    NotificationPreferences,
    PushSubscription,
    Webhook,
)

# A point of the curve P-256, not compressed; and what RFC 8291 asks for.
KEY_BYTES, SECRET_BYTES = 65, 16


def check_url(url: str) -> None:
    """Refuse an address that would not be called.

    Raises:
        serializers.ValidationError: the address is refused.
    """
    try:
        check_address(url)
    except FormError as error:
        raise serializers.ValidationError(error.messages) from error


class NotificationPreferencesSerializer(serializers.ModelSerializer[NotificationPreferences]):
    """What you are notified of and how."""

    class Meta:
        model = NotificationPreferences
        fields = ("on_completed", "on_failed", "in_tab", "by_mail")

    def validate_by_mail(self, wanted: bool) -> bool:
        if wanted and not conf.has_mail():
            raise serializers.ValidationError("This server sends no e-mail.")
        if wanted and self.instance is not None and not self.instance.owner.email:
            raise serializers.ValidationError("Write your e-mail address into your profile first.")
        return wanted


class UnlessSaidField(serializers.BooleanField):
    """Has its default also where a form leaves it out.

    DRF treats that as a box that is not ticked.
    """

    default_empty_html = serializers.empty


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook, without its secret."""

    url = serializers.CharField(
        max_length=URL_LENGTH, validators=[check_url], help_text="It must be public, or allowed."
    )

    on_completed = UnlessSaidField(default=True, help_text="Whether it is called when a text is ready.")
    on_failed = UnlessSaidField(default=True, help_text="Whether it is called when a job has failed.")

    class Meta:
        model = Webhook
        read_only_fields: tuple[str, ...] = (
            "id",
            "failures",
            "paused_at",
            "pause_reason",
            "old_secret_until",
            "created_at",
        )
        fields: tuple[str, ...] = ("url", "on_completed", "on_failed", *read_only_fields)


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with its new secret, which is shown this once."""

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = (*WebhookSerializer.Meta.read_only_fields, "secret")


class RenewSecretSerializer(serializers.Serializer[Any]):
    """What is to become of the old secret."""

    revoke_old = serializers.BooleanField(
        default=False, help_text="End it at once, as another person may know it; otherwise both sign for a day."
    )


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One try of a delivery."""

    class Meta:
        model = Attempt
        fields = ("created_at", "status", "milliseconds", "error")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A notification that was sent or is to be."""

    tries = AttemptSerializer(many=True, read_only=True)
    next_try_at = serializers.SerializerMethodField(help_text="While it waits, unless that is for its webhook.")

    class Meta:
        model = Delivery
        fields = (
            "id",
            "channel",
            "webhook",
            "event",
            "job_id",
            "state",
            "attempts",
            "next_try_at",
            "created_at",
            "tries",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_try_at(self, delivery: Delivery) -> str | None:
        """When it is tried next.

        None for a delivery that does not wait, or waits for its webhook to be resumed.
        """
        if delivery.state != DeliveryState.WAITING or delivery.runnable_at is None:
            return None
        return serializers.DateTimeField().to_representation(delivery.runnable_at)


class PushSubscriptionSerializer(serializers.ModelSerializer[PushSubscription]):
    """A browser that is notified, as the Push API describes it.

    Its keys are never shown.
    """

    endpoint = serializers.CharField(max_length=URL_LENGTH, validators=[check_url])

    class Meta:
        model = PushSubscription
        fields = ("id", "endpoint", "p256dh", "auth", "label", "created_at")
        read_only_fields = ("id", "created_at")
        extra_kwargs: dict[str, Any] = {"p256dh": {"write_only": True}, "auth": {"write_only": True}}

    def validate_p256dh(self, text: str) -> str:
        known = check_bytes(text, KEY_BYTES)
        try:
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), push_channel.decode(known))
        except ValueError as error:
            raise serializers.ValidationError("This is no point of the curve P-256.") from error
        return known

    def validate_auth(self, text: str) -> str:
        return check_bytes(text, SECRET_BYTES)


def check_bytes(text: str, number: int) -> str:
    """Return `text` if it is base64url of `number` bytes.

    Raises:
        serializers.ValidationError: it is not base64url, or of another length.
    """
    try:
        found = len(push_channel.decode(text))
    except (Base64Error, ValueError) as error:
        raise serializers.ValidationError("This is not base64url.") from error
    if found != number:
        raise serializers.ValidationError(f"This must be {number} bytes in base64url.")
    return text


class PushKeySerializer(serializers.Serializer[Any]):
    """The key that browsers ask for when they subscribe (applicationServerKey)."""

    key = serializers.CharField(read_only=True)
