"""Registers the accounts app and its system checks."""

from django.apps import AppConfig
from django.core.checks import register

from accounts.checks import check_addresses, check_rates


class AccountsConfig(AppConfig):
    """People, their API tokens and the set-up of the first account."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        register(check_addresses)
        register(check_rates)
