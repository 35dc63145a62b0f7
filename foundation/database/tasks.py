"""The entry point for django-q2's workers."""

from foundation.database.leased_queue import CLAIM_SECONDS, QUEUES


def work(name: str) -> int:
    """Do rows of the queue `name` for CLAIM_SECONDS, and return their number."""
    return QUEUES[name].work_for(CLAIM_SECONDS)
