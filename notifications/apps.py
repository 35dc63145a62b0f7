"""The app of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Webhooks, Web Push and e-mail."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from foundation.database.leased_queue import register  # noqa: PLC0415 - imports the models
        from notifications import signal_handlers  # noqa: F401, PLC0415 - connects itself
        from notifications.delivery_queue import DELIVERIES  # noqa: PLC0415 - imports the models

        register(DELIVERIES)
