"""Tells the queue that there is something to do; which step it is, the claim decides."""

from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

from jobs import conf
from jobs.domain.queue import wakeup_pipe

WORK_TASK = "jobs.tasks.work"
# Enough to wake every worker there is; they go on claiming, and the sweep makes up for the rest.
MAX_WAKEUPS = 32


def wake_workers(number: int) -> None:
    """Send `number` nudges once the current transaction is committed; a lost one is made up for by the sweep."""
    # A lambda, since Django logs the __qualname__ of a robust callback that fails, and a partial has none.
    transaction.on_commit(lambda: send_wakeups(number), robust=True)


def send_wakeups(number: int) -> None:
    """Put `number` messages into the queue now."""
    for _ in range(min(number, MAX_WAKEUPS)):
        async_task(WORK_TASK, task_name="work")
    wakeup_pipe.wake_clusters()


def top_up_wakeups(waiting: int) -> int:
    """Make sure that waiting steps have nudges: send as many as there are workers, if the queue has none.

    Returns:
        how many were sent.
    """
    if not waiting or get_broker().queue_size():
        return 0
    number = min(waiting, conf.get_worker_count())
    send_wakeups(number)
    return number
