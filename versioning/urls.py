"""The one address of versioning."""

from __future__ import annotations

from django.urls import path

from versioning.views import show_version

urlpatterns = [path("version", show_version, name="version")]
