"""Notifications in the admin: to inspect, never to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from jobs.admin.readonly import InspectionAdmin, ReadOnlyMixin
from notifications.models import Attempt, Circuit, Delivery, PushSubscription, Webhook

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class AttemptInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """The tries of a delivery."""

    model = Attempt
    extra = 0
    fields = readonly_fields = ("created_at", "status", "milliseconds", "error")


@admin.register(Delivery)
class DeliveryAdmin(InspectionAdmin):
    """Notifications that were sent or are to be."""

    list_display = ("created_at", "event", "channel", "owner", "state", "attempts")
    list_filter = ("state", "channel", "event", "created_at")
    search_fields = ("owner__username",)
    search_help_text = "Owner, or a whole id."
    fields = readonly_fields = (
        "owner",
        "event",
        "channel",
        "webhook",
        "subscription",
        "job_id",
        "body",
        "state",
        "attempts",
        "runnable_at",
        "lease_expires_at",
        "created_at",
    )
    inlines = (AttemptInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        deliveries: QuerySet[Delivery] = super().get_queryset(request)
        return deliveries.select_related("owner", "webhook", "subscription")


@admin.register(Webhook)
class WebhookAdmin(InspectionAdmin):
    """Webhooks; their secrets are not shown."""

    list_display = ("url", "owner", "failures", "paused_at", "created_at")
    search_fields = ("url", "owner__username")
    list_select_related = ("owner",)
    fields = readonly_fields = (
        "url",
        "owner",
        "on_completed",
        "on_failed",
        "failures",
        "paused_at",
        "pause_reason",
        "created_at",
    )


@admin.register(PushSubscription)
class PushSubscriptionAdmin(InspectionAdmin):
    """Browsers that are notified; their keys are not shown."""

    list_display = ("label", "owner", "created_at")
    search_fields = ("owner__username",)
    list_select_related = ("owner",)
    fields = readonly_fields = ("label", "owner", "created_at")


@admin.register(Circuit)
class CircuitAdmin(InspectionAdmin):
    """Which hosts are left alone, and until when."""

    list_display = ("host", "failures", "open_until")
    search_fields = ("host",)
    ordering = ("host", "failures")
    fields = readonly_fields = ("host", "failures", "open_until")
