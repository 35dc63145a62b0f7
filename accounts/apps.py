"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their API tokens and the set-up of the first account."""

    name = "accounts"
    verbose_name = "People"
