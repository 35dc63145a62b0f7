"""The site itself as an app for its commands and checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Commands that concern the whole program."""

    name = "transcribe_site"
    verbose_name = "Transcribe"

    def ready(self) -> None:
        """Register the checks."""
        from transcribe_site import checks  # noqa: F401, PLC0415 - registered by their import, once apps are there
