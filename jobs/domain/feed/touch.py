"""Has cards shown anew whose jobs did not change themselves: pages notice by `updated_at`, or are told by the feed."""

from django.db import transaction
from django.db.models import QuerySet

from foundation.database.clock import now_in_database
from jobs.domain.feed import job_feed
from jobs.models import Job


def touch_after_commit(jobs: QuerySet[Job]) -> None:
    """Renew `updated_at` of `jobs` once the current transaction is committed.

    Not within it: a transaction that holds one job's row and wants another's could meet one that holds them the other
    way round.
    """
    transaction.on_commit(lambda: touch_jobs(jobs), robust=True)


def touch_jobs(jobs: QuerySet[Job]) -> None:
    """Renew `updated_at` of `jobs` now; not within a transaction, see above."""
    with transaction.atomic():
        keys = list(jobs.values_list("pk", flat=True))
        job_feed.lock_jobs(keys)
        found = Job.objects.filter(pk__in=keys)
        if keys and found.update(updated_at=now_in_database()):
            job_feed.publish(list(found.only(*job_feed.FIELDS)), job_feed.CHANGED)
