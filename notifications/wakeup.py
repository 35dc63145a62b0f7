"""Tells the queue that there is something to send; rows are the truth, so a lost nudge is made up for by the sweep."""

from __future__ import annotations

from django.db import transaction
from django_q.tasks import async_task

from jobs.domain.queue import wakeup_pipe

TASK = "notifications.tasks.deliver"


def send_nudge() -> None:
    """Nudge once the current transaction is committed."""
    # A lambda, since Django logs the __qualname__ of a robust callback that fails.
    transaction.on_commit(lambda: enqueue_nudge(), robust=True)  # noqa: PLW0108 - see above


def enqueue_nudge() -> None:
    """Put one message into the queue now."""
    async_task(TASK, task_name="deliver")
    wakeup_pipe.ring_bells()
