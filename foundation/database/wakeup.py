"""Wake-ups: messages by which workers look for due rows of one kind.

A wake-up names no row; the claim decides which is next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

from foundation.database import wakeup_pipe

if TYPE_CHECKING:
    from foundation.database.leased_rows import LeasedRow

TASK = "foundation.database.tasks.work"
# At most this many wake-ups are sent at once: workers claim until nothing is due, and the reaper wakes more.
MAX_WAKEUPS = 32


def wake_workers(model: type[LeasedRow], number: int = 1) -> None:
    """Wake `number` workers for rows of `model` after the commit.

    The reaper makes up for a wake-up that is lost.
    """
    # A lambda, since Django logs the __qualname__ of a robust callback that fails, and a partial has none.
    transaction.on_commit(lambda: send_wakeups(model, number), robust=True)


def send_wakeups(model: type[LeasedRow], number: int = 1) -> None:
    """Send up to MAX_WAKEUPS messages now, and wake this machine's clusters."""
    name = get_queue_name(model)
    for _ in range(min(number, MAX_WAKEUPS)):
        async_task(TASK, name, task_name=name)
    wakeup_pipe.wake_clusters()


def get_queue_name(model: type[LeasedRow]) -> str:
    """Return the name of a model's queue, such as `jobs.step`."""
    return model._meta.label_lower  # noqa: SLF001 - Django's documented API


def count_messages() -> int:
    """Return how many messages wait in the broker's queue."""
    return int(get_broker().queue_size())
