"""The queue's broker: django-q2's own, with wake-ups.

It looks again as soon as a wake-up was sent.
"""

from typing import Any

from django_q.brokers.orm import ORM

from jobs import conf
from jobs.domain.queue import leases
from jobs.domain.queue.wakeup_pipe import WakeupPipe


class Broker(ORM):  # type: ignore[misc]  # django-q2 ships no types
    """Waits for a wake-up where django-q2 would sleep.

    `poll` is 0 in the settings.
    """

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key=list_key)
        self._bell = WakeupPipe(leases.get_cluster_name())

    def dequeue(self) -> Any:
        """Return the next messages with their numbers.

        None when there were none, after a wait.
        """
        messages = super().dequeue()
        if not messages:
            self._bell.wait(conf.get_poll_seconds())
        return messages
