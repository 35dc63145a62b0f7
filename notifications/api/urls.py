"""Addresses of the API of notifications."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from notifications.api.notification_views import (
    DeliveryViewSet,
    NotificationPreferencesView,
    PushKeyView,
    PushSubscriptionViewSet,
    WebhookViewSet,
)

router = SimpleRouter()
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("browsers", PushSubscriptionViewSet, basename="browser")

urlpatterns = [
    path("preferences/", NotificationPreferencesView.as_view(), name="notification_preferences"),
    path("push-key/", PushKeyView.as_view(), name="push_key"),
    path("", include(router.urls)),
]
