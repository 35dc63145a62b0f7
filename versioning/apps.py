"""Registers the versioning app and its system check."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from versioning.checks import check_versioning


class VersioningConfig(AppConfig):
    """The app that knows the program's version."""

    name = "versioning"

    def ready(self) -> None:
        register(check_versioning)
