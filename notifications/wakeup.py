"""Tells the queue that there is something to send; rows are the truth, so a lost nudge is made up for by the sweep."""

from __future__ import annotations

from django.db import transaction
from django_q.tasks import async_task

from jobs.domain.queue import wakeup_pipe

TASK = "notifications.tasks.deliver"


def wake_workers() -> None:
    """Nudge once the current transaction is committed."""
    # A lambda, since Django logs the __qualname__ of a robust callback that fails.
    transaction.on_commit(lambda: send_wakeup(), robust=True)  # noqa: PLW0108 - see above


def send_wakeup() -> None:
    """Put one message into the queue now."""
    async_task(TASK, task_name="deliver")
    wakeup_pipe.wake_clusters()
