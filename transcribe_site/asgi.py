"""ASGI entry point: Django behind a cap on request bodies."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "transcribe_site.settings")
django.setup(set_prefix=False)

from transcribe_site.bodies import CappedHandler  # noqa: E402 - it needs the apps that setup has just loaded

application = CappedHandler()
