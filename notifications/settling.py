"""Changes a delivery and its webhook or browser after a try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from foundation.database.clock import now_in_database
from foundation.database.wakeup import wake_workers
from notifications import conf
from notifications.models import Attempt, Delivery, DeliveryState, PushSubscription, Webhook

if TYPE_CHECKING:
    from foundation.database.leased_rows import Lease
    from foundation.database.retry_policy import RetryPolicy
    from notifications.outcome import Outcome


def settle(lease: Lease[Delivery], outcome: Outcome, milliseconds: int, policy: RetryPolicy) -> None:
    """Log how a try ended, and change its delivery and receiver accordingly.

    Raises:
        LeaseLost: another worker has taken it over; its new holder settles it.
    """
    delivery = lease.row
    with transaction.atomic():
        settle_row(lease, outcome, policy)
        Attempt.objects.create(
            delivery=delivery, status=outcome.status, error=outcome.error[:300], milliseconds=milliseconds
        )
        if delivery.webhook is not None and outcome.was_called:
            count_webhook(delivery.webhook, outcome)
        if delivery.subscription is not None and outcome.is_gone:
            PushSubscription.objects.filter(pk=delivery.subscription.pk).delete()


def settle_row(lease: Lease[Delivery], outcome: Outcome, policy: RetryPolicy) -> None:
    """End a delivery, or reschedule it for its next try.

    Raises:
        LeaseLost: another worker has taken it over.
    """
    if not outcome.error:
        lease.end(DeliveryState.DELIVERED, runnable_at=None)
    elif outcome.is_lasting or policy.is_last(lease.attempt):
        lease.end(DeliveryState.FAILED, runnable_at=None)
    else:
        lease.reschedule(policy.choose_delay(lease.attempt, outcome.retry_after))


def count_webhook(webhook: Webhook, outcome: Outcome) -> None:
    """Count failures in a row, and pause a webhook after FAILURES_TO_PAUSE.

    One that answers that it is gone is paused at once.
    """
    rows = Webhook.objects.filter(pk=webhook.pk)
    if not outcome.error:
        rows.exclude(failures=0).update(failures=0)
        return
    rows.update(failures=F("failures") + 1)
    if outcome.is_gone:
        reason = "It answered that it is gone for good (410)."
    else:
        rows = rows.filter(failures__gte=conf.FAILURES_TO_PAUSE)
        reason = f"{conf.FAILURES_TO_PAUSE} tries in a row failed. The last: {outcome.error}"
    rows.filter(paused_at=None).update(paused_at=timezone.now(), pause_reason=reason[:200])


def send_again(delivery: Delivery) -> bool:
    """Send a delivery that has ended once more, under its old id.

    False for one that is still open.
    """
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    with transaction.atomic():
        found = ended.update(state=DeliveryState.WAITING, attempts=0, runnable_at=now_in_database())
        if found:
            wake_workers(Delivery)
    return bool(found)


def remove_old() -> int:
    """Delete deliveries and tries older than KEPT_SECONDS; return how many rows."""
    is_old = Q(created_at__lt=now_in_database(-conf.KEPT_SECONDS))
    deliveries, _ = Delivery.objects.filter(is_old).delete()
    # Those of a delivery that was deleted while it was tried.
    tries, _ = Attempt.objects.filter(is_old).delete()
    return deliveries + tries
