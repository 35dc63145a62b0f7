"""What becomes of a delivery after a try, and of its webhook or browser."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from foundation.database.clock import now_in_database
from notifications import conf, wakeup
from notifications.models import Attempt, Delivery, DeliveryState, PushSubscription, Webhook

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from notifications.outcome import Outcome


def find_claimed(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row of a claimed delivery as long as it is still the claimer's."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, claim_id=delivery.claim_id)


def settle(delivery: Delivery, outcome: Outcome, milliseconds: int) -> None:
    """Write down how a try ended, and what becomes of the delivery and its webhook or browser."""
    with transaction.atomic():
        fields = choose_fields(delivery, outcome)
        if not find_claimed(delivery).update(claim_id=None, lease_expires_at=None, **fields):
            return
        Attempt.objects.create(
            delivery=delivery, status=outcome.status, error=outcome.error[:300], milliseconds=milliseconds
        )
        if delivery.webhook is not None and outcome.was_called:
            count_webhook(delivery.webhook, outcome)
        if delivery.subscription is not None and outcome.is_gone:
            PushSubscription.objects.filter(pk=delivery.subscription.pk).delete()


def choose_fields(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    """Return what a delivery becomes: delivered, failed for good, or to be tried again later."""
    if not outcome.error:
        return {"state": DeliveryState.DELIVERED, "runnable_at": None}
    if outcome.is_lasting or delivery.attempts > len(conf.RETRY_SECONDS):
        return {"state": DeliveryState.FAILED, "runnable_at": None}
    wait = conf.RETRY_SECONDS[delivery.attempts - 1]
    wait *= 1 + random.uniform(-conf.RETRY_JITTER, conf.RETRY_JITTER)  # noqa: S311 - jitter is no secret
    return {
        "state": DeliveryState.WAITING,
        "runnable_at": now_in_database(max(wait, outcome.retry_after or 0.0)),
        "woken_at": None,
    }


def count_webhook(webhook: Webhook, outcome: Outcome) -> None:
    """Count failures in a row, and pause a webhook that fails again and again, or says that it is gone."""
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
    """Let a delivery that has ended be made once more, under its old id; False for one that is still open."""
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    with transaction.atomic():
        found = ended.update(
            state=DeliveryState.WAITING, attempts=0, runnable_at=now_in_database(), woken_at=now_in_database()
        )
        if found:
            wakeup.wake_workers()
    return bool(found)


def remove_old() -> int:
    """Delete deliveries that are older than KEPT_SECONDS, and tries; return how many rows went."""
    is_old = Q(created_at__lt=now_in_database(-conf.KEPT_SECONDS))
    deliveries, _ = Delivery.objects.filter(is_old).delete()
    # Those of a delivery that was deleted while it was tried.
    tries, _ = Attempt.objects.filter(is_old).delete()
    return deliveries + tries
