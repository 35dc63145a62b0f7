"""The site itself as an app, for its commands and checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Commands that concern the whole program."""

    name = "transcribe_site"
    verbose_name = "Transcribe"
