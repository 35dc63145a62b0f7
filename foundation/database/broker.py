"""The broker of django-q2's queue, woken by a pipe."""

from typing import Any

from django.conf import settings
from django_q.brokers.orm import ORM

from foundation.database.clusters import get_cluster_name
from foundation.database.wakeup_pipe import WakeupPipe


class Broker(ORM):  # type: ignore[misc]  # django-q2 ships no types
    """A broker that waits at the cluster's pipe.

    django-q2 would sleep instead, so `poll` is 0 in the settings.
    """

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key=list_key)
        self._pipe = WakeupPipe(get_cluster_name())

    def dequeue(self) -> Any:
        """Return the next messages with their ids, or None after a wait.

        The wait lasts for POLL_SECONDS at most, and ends at a wake-up.
        """
        messages = super().dequeue()
        if not messages:
            self._pipe.wait(float(settings.POLL_SECONDS))
        return messages
