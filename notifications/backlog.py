"""Deliveries that wait: for hosts, paused webhooks and slow receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from notifications import conf
from notifications.models import Channel, Delivery, PushSubscription, Webhook

if TYPE_CHECKING:
    from datetime import datetime

    from foundation.database.leased_rows import Lease, LeasedQuerySet


def defer(webhook: Webhook) -> None:
    """Defer deliveries to a paused webhook until it is resumed.

    PUT_OFF_AT_ONCE of them at most, so that the statement is short.
    """
    # The lock makes `resume` wait, which then finds what was deferred.
    if Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).exclude(paused_at=None).first():
        change_some(Delivery.rows().filter(webhook=webhook, runnable_at__lte=now_in_database()), runnable_at=None)


def release(lease: Lease[Delivery], until: datetime) -> None:
    """Release a delivery without counting a try.

    Others of its host wait as long.

    Raises:
        LeaseLost: another worker has taken it over.
    """
    lease.release(runnable_at=until)
    with transaction.atomic():
        change_some(Delivery.rows().filter(share_host(lease.row), runnable_at__lt=until), runnable_at=until)


def change_some(rows: LeasedQuerySet[Delivery], **fields: Any) -> None:
    """Change PUT_OFF_AT_ONCE waiting rows at most, within a transaction.

    The others are changed when one of them is next met.
    """
    waiting = rows.waiting().order_by("runnable_at")
    # Rows that another transaction is changing are left to it: waiting for them in another order might deadlock.
    locked = waiting.select_for_update(skip_locked=True, of=("self",)).only("pk")[: conf.PUT_OFF_AT_ONCE]
    Delivery.objects.filter(pk__in=[row.pk for row in locked]).update(**fields)


def deprioritize(delivery: Delivery, seconds: float) -> None:
    """Deprioritize the receiver of a slow delivery for `seconds`.

    For an e-mail those that are due are rescheduled instead, as they go to the same server.
    """
    receiver = find_receiver(delivery)
    if delivery.channel == Channel.MAIL:
        mails = Delivery.rows().filter(channel=Channel.MAIL, runnable_at__lte=now_in_database())
        with transaction.atomic():
            change_some(mails, runnable_at=now_in_database(seconds))
    elif receiver is not None:
        type(receiver).objects.filter(pk=receiver.pk).update(deprioritized_until=now_in_database(seconds))


def find_receiver(delivery: Delivery) -> Webhook | PushSubscription | None:
    """Return the webhook or browser that is called; None for an e-mail."""
    return delivery.webhook or delivery.subscription


def share_host(delivery: Delivery) -> Q:
    """Return the condition of deliveries that go where this one goes."""
    if delivery.webhook is not None:
        return Q(webhook__host=delivery.webhook.host, owner=delivery.owner_id)
    if delivery.subscription is not None:
        return Q(subscription__host=delivery.subscription.host)
    return Q(channel=delivery.channel, webhook=None, subscription=None)


def resume(webhook: Webhook) -> None:
    """Call a paused webhook again, with what has waited for it."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(paused_at=None, pause_reason="", failures=0)
        Delivery.rows().waiting().filter(webhook=webhook).update(runnable_at=now_in_database())
        wake_workers(Delivery)
