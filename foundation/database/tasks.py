"""The entry point for django-q2's workers."""

from foundation.database.leased_queue import CLAIM_SECONDS, QUEUES


def work(name: str) -> int:
    """Do rows of the queue `name` for a while, and return how many were claimed."""
    return QUEUES[name].work_for(CLAIM_SECONDS)
