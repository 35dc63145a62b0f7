"""Deliveries are claimed: by one worker at a time, and so that nobody holds up others for long."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Q

from foundation.database.clock import now_in_database
from notifications import backlog, conf, wakeup
from notifications.models import Attempt, Channel, Delivery, DeliveryState, IsOpen, PushSubscription, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    # The ids of a webhook and of a browser, one of them at most.
    Pair = tuple[UUID | None, UUID | None]


# Any number that nobody else locks by; see `lock_claims`.
CLAIM_LOCK = 7_305_421_963
LOST = "The worker that tried this did not come to an end; see its log."


def list_held() -> QuerySet[Delivery]:
    """Return what a worker is sending just now."""
    return Delivery.objects.filter(IsOpen(), state=DeliveryState.SENDING, lease_expires_at__gte=now_in_database())


def list_due() -> QuerySet[Delivery]:
    """Return what may be tried now: what waits, and what a worker has let go of."""
    is_ready = Q(state=DeliveryState.WAITING, runnable_at__lte=now_in_database())
    is_lost = Q(state=DeliveryState.SENDING, lease_expires_at__lt=now_in_database())
    return Delivery.objects.filter(IsOpen(), is_ready | is_lost)


def list_deprioritized() -> tuple[list[Pair], set[int]]:
    """Return the webhooks and browsers that were slow, and their owners: both let others go first for now."""
    are_slow = Q(deprioritized_until__gt=now_in_database())
    webhooks = list(Webhook.objects.filter(are_slow).order_by().values_list("pk", "owner_id"))
    browsers = list(PushSubscription.objects.filter(are_slow).order_by().values_list("pk", "owner_id"))
    pairs: list[Pair] = [*((pk, None) for pk, _ in webhooks), *((None, pk) for pk, _ in browsers)]
    return pairs, {owner_id for _, owner_id in (*webhooks, *browsers)}


def claim() -> Delivery | None:
    """Return a delivery that is now this worker's until its lease expires; None when there is nothing to do.

    Of each webhook and each browser one at a time, and no more than `get_sending_limit` in all, so that receivers that
    take long to answer hold up no more than half of the workers.
    """
    with transaction.atomic():
        lock_claims()
        held = list(list_held().values_list("webhook_id", "subscription_id"))
        if len(held) >= conf.get_sending_limit():
            return None
        slow, owners = list_deprioritized()
        if not slow:
            return claim_beside(held)
        # What is slow holds up its own owner first.
        return claim_beside(held, owners) or claim_beside([*held, *slow]) or claim_beside(held)


def claim_beside(left_out: Iterable[Pair], owners: Iterable[int] = ()) -> Delivery | None:
    """Claim what has waited longest for none of these webhooks, browsers and owners.

    Lost and paused ones that it comes across are seen to.
    """
    pairs = list(left_out)
    while delivery := find_first(pairs, owners):
        if delivery.state == DeliveryState.SENDING:
            recover(delivery)
        elif delivery.webhook is not None and delivery.webhook.paused_at:
            backlog.defer(delivery.webhook)
            # Whatever is left of it comes next time.
            pairs.append((delivery.webhook.pk, None))
        elif take(delivery):
            return delivery
    return None


def find_first(left_out: Iterable[Pair], owners: Iterable[int] = ()) -> Delivery | None:
    """Return what has been due for longest and goes to none of these."""
    due = leave_out(list_due(), left_out).exclude(owner__in=owners).select_related("webhook", "subscription", "owner")
    return due.order_by("runnable_at", "created_at", "id").first()


def lock_claims() -> None:
    """Let one claimer after the other look and take, until its transaction ends; on SQLite writers do so anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])


def leave_out(due: QuerySet[Delivery], held: Iterable[Pair]) -> QuerySet[Delivery]:
    """Return what goes to none of the webhooks and browsers that are being called."""
    pairs = list(held)
    webhooks = {webhook for webhook, _ in pairs if webhook}
    browsers = {browser for _, browser in pairs if browser}
    return due.exclude(webhook__in=webhooks).exclude(subscription__in=browsers)


def take(delivery: Delivery) -> bool:
    """Make a delivery this worker's, unless a late one has just settled it."""
    claim_id, is_mail = uuid4(), delivery.channel == Channel.MAIL
    found = find_same(delivery).update(
        state=DeliveryState.SENDING,
        attempts=F("attempts") + 1,
        claim_id=claim_id,
        lease_expires_at=now_in_database(conf.MAIL_LEASE_SECONDS if is_mail else conf.LEASE_SECONDS),
    )
    if found:
        delivery.attempts += 1
        delivery.claim_id = claim_id
    return bool(found)


def recover(delivery: Delivery) -> None:
    """Let what was lost with its worker wait again, and write the try down; what no worker survives fails."""
    is_last = delivery.attempts > len(conf.RETRY_SECONDS)
    fields = {"state": DeliveryState.FAILED, "runnable_at": None} if is_last else {"state": DeliveryState.WAITING}
    if find_same(delivery).update(claim_id=None, lease_expires_at=None, **fields):
        Attempt.objects.create(delivery=delivery, error=LOST, milliseconds=0)


def find_same(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row of a delivery as long as it is as it was read."""
    names = ("pk", "state", "claim_id", "attempts")
    return Delivery.objects.filter(**{name: getattr(delivery, name) for name in names})


def wake_for_due() -> None:
    """Nudge for what is due and was not nudged for lately: retries, and what lost its nudge or its worker."""
    long_ago = now_in_database(-conf.WAKE_AGAIN_SECONDS)
    due = list_due().filter(Q(woken_at=None) | Q(woken_at__lt=long_ago))
    due = leave_out(due, list_held().values_list("webhook_id", "subscription_id"))
    with transaction.atomic():
        rows = due.order_by("runnable_at").select_for_update(skip_locked=True).only("pk")[:50]
        found = Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(woken_at=now_in_database())
    if found:
        wakeup.send_wakeup()
