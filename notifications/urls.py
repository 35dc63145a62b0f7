"""Addresses of notifications: pages, and the API."""

from __future__ import annotations

from django.urls import path

from notifications import views

app_name = "notifications"
BASE = "settings/notifications/"
urlpatterns = [
    path(BASE, views.show_settings, name="settings"),
    path(f"{BASE}webhooks/", views.add_webhook, name="webhook_add"),
    path(f"{BASE}webhooks/<uuid:pk>/", views.show_webhook, name="webhook"),
    path(f"{BASE}webhooks/<uuid:pk>/test/", views.send_test, name="webhook_test"),
    path(f"{BASE}webhooks/<uuid:pk>/resume/", views.resume_webhook, name="webhook_resume"),
    path(f"{BASE}webhooks/<uuid:pk>/secret/", views.renew_secret, name="webhook_secret"),
    path(f"{BASE}webhooks/<uuid:pk>/delete/", views.delete_webhook, name="webhook_delete"),
    path("fragments/webhooks/<uuid:pk>/", views.show_webhook_fragment, name="fragment_webhook"),
    path(f"{BASE}deliveries/<uuid:pk>/resend/", views.resend_delivery, name="delivery_resend"),
    path(f"{BASE}browsers/<uuid:pk>/forget/", views.forget_browser, name="browser_forget"),
]
