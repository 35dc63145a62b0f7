"""Handles the signals of ended jobs, sign-outs and tidying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver

from jobs.signals import job_ended, tidied
from notifications import circuit, outbox, settling
from notifications.channels.webhook import webhook_signatures
from notifications.models import PushSubscription

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User
    from jobs.models import Job


@receiver(user_logged_out)
def forget_browser(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Remove the browser that was signed out of; the page names it."""
    endpoint = request.POST.get("endpoint", "")
    if user is not None and endpoint:
        PushSubscription.objects.filter(owner=user, endpoint=endpoint).delete()


@receiver(job_ended)
def notify_job_ended(job: Job, **_: Any) -> None:
    """Write the deliveries for a job that has ended.

    Should that fail, the job has ended all the same.
    """
    with transaction.atomic():
        outbox.write_for_job(job)


@receiver(tidied)
def tidy(**_: Any) -> None:
    """Forget what is old."""
    settling.remove_old()
    circuit.remove_old()
    webhook_signatures.forget_old_secrets()
