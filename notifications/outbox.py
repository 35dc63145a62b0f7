"""Deliveries, written when their event happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from jobs.states import JobState
from notifications import conf
from notifications.models import Channel, Delivery, Event, PushSubscription, Webhook
from notifications.preferences import get_preferences

if TYPE_CHECKING:
    from jobs.models import Job

EVENTS = {JobState.COMPLETED: Event.COMPLETED, JobState.FAILED: Event.FAILED}


def write_for_job(job: Job) -> int:
    """Write the deliveries for an ended job; return how many.

    They are stored in the transaction in which it ends.
    """
    event = EVENTS[JobState(job.state)]
    is_completed = event == Event.COMPLETED
    owner, body = job.owner, describe_job(job, event)
    wanted = {"on_completed": True} if is_completed else {"on_failed": True}
    rows = [build(owner.pk, event, body, webhook=webhook) for webhook in Webhook.objects.filter(owner=owner, **wanted)]
    preferences = get_preferences(owner)
    if preferences.wants(event):
        browsers = PushSubscription.objects.filter(owner=owner)
        rows += [build(owner.pk, event, describe_push(job, event), subscription=browser) for browser in browsers]
        if preferences.by_mail and owner.email and conf.has_mail():
            rows.append(build(owner.pk, event, body))
    return write(rows)


def write_test(webhook: Webhook) -> Delivery:
    """Write a delivery by which a webhook can be tried out."""
    body = {"type": Event.TEST.value, "timestamp": timezone.now().isoformat(), "data": {"webhook": str(webhook.pk)}}
    delivery = build(webhook.owner_id, Event.TEST, body, webhook=webhook)
    write([delivery])
    return delivery


def write(rows: list[Delivery]) -> int:
    """Store deliveries and wake a worker; return how many."""
    if rows:
        Delivery.objects.bulk_create(rows)
        wake_workers(Delivery)
    return len(rows)


def build(
    owner_id: int,
    event: Event,
    body: dict[str, Any],
    *,
    webhook: Webhook | None = None,
    subscription: PushSubscription | None = None,
) -> Delivery:
    """Return one delivery, by e-mail without a webhook or browser."""
    channel = Channel.WEBHOOK if webhook else Channel.PUSH if subscription else Channel.MAIL
    data = body.get("data", {})
    return Delivery(
        owner_id=owner_id,
        channel=channel,
        webhook=webhook,
        subscription=subscription,
        event=event,
        job_id=data.get("job"),
        body=body,
        runnable_at=now_in_database(),
    )


def describe_job(job: Job, event: Event) -> dict[str, Any]:
    """Return the body for webhooks and e-mails; nothing of the text."""
    page, api = reverse("job", args=[job.pk]), reverse("job-detail", args=[job.pk])
    root = conf.get_public_url()
    return {
        "type": event.value,
        "timestamp": timezone.now().isoformat(),
        "data": {
            "job": str(job.pk),
            "recording": str(job.recording_id),
            "title": job.recording.title,
            "state": job.state,
            "error_code": job.error_code,
            "links": {"page": root + page, "api": root + api},
        },
    }


def describe_push(job: Job, event: Event) -> dict[str, Any]:
    """Return the body for a browser."""
    data = {"job": str(job.pk), "title": job.recording.title, "url": reverse("job", args=[job.pk])}
    return {"type": event.value, "data": data}
