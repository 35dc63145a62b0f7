"""Wake-ups: messages that tell a worker that rows of some kind are due; which row, the claim decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

from foundation.database import wakeup_pipe

if TYPE_CHECKING:
    from foundation.database.leased_rows import LeasedRow

TASK = "foundation.database.tasks.work"
# More wake-ups than this are not sent at once: workers go on claiming, and the reaper makes up for the rest.
MAX_WAKEUPS = 32


def wake_workers(model: type[LeasedRow], number: int = 1) -> None:
    """Wake `number` workers for rows of `model` once the current transaction is committed.

    A wake-up that is lost is made up for by the reaper.
    """
    # A lambda, since Django logs the __qualname__ of a robust callback that fails, and a partial has none.
    transaction.on_commit(lambda: send_wakeups(model, number), robust=True)


def send_wakeups(model: type[LeasedRow], number: int = 1) -> None:
    """Put `number` messages into the broker's queue now."""
    name = get_queue_name(model)
    for _ in range(min(number, MAX_WAKEUPS)):
        async_task(TASK, name, task_name=name)
    wakeup_pipe.wake_clusters()


def get_queue_name(model: type[LeasedRow]) -> str:
    """Return the name of the queue of a model's rows, such as `jobs.step`."""
    return model._meta.label_lower  # noqa: SLF001 - Django's documented API


def count_messages() -> int:
    """Return how many messages wait in the broker's queue."""
    return int(get_broker().queue_size())
