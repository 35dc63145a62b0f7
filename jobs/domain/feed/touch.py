"""Invalidates cards whose own row did not change.

Bumps `updated_at` and publishes a feed event.
"""

from django.db import transaction
from django.db.models import QuerySet

from foundation.database.clock import now_in_database
from jobs.domain.feed import job_feed
from jobs.models import Job


def touch_after_commit(jobs: QuerySet[Job]) -> None:
    """Bump `updated_at` of `jobs` after the current commit.

    Not within the transaction: one that holds one job's row and wants another's could meet one that holds them the
    other way round.
    """
    transaction.on_commit(lambda: touch_jobs(jobs), robust=True)


def touch_jobs(jobs: QuerySet[Job]) -> None:
    """Bump `updated_at` of `jobs` now.

    Not within a transaction, see above.
    """
    with transaction.atomic():
        keys = list(jobs.values_list("pk", flat=True))
        job_feed.lock_jobs(keys)
        found = Job.objects.filter(pk__in=keys)
        if keys and found.update(updated_at=now_in_database()):
            job_feed.publish(list(found.only(*job_feed.FIELDS)), job_feed.CHANGED)
