"""Hears of jobs that have ended, and of the sweep."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from jobs.models import Job
from jobs.signals import job_ended, swept, tidied
from notifications import claims, outbox


@receiver(job_ended)
def tell_of_job(job: Job, **_: Any) -> None:
    """Write what is to be told; should that fail, the job has ended all the same."""
    with transaction.atomic():
        outbox.write_for_job(job)


@receiver(swept)
def nudge(**_: Any) -> None:
    """See to retries."""
    claims.nudge_due()


@receiver(tidied)
def tidy(**_: Any) -> None:
    """Forget what is old."""
    claims.remove_old()
