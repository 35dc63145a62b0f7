"""Deliveries at work: claimed by one worker at a time, and settled by how the try ended."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from jobs.domain.clock import now_in_database
from notifications import conf, nudges
from notifications.models import Attempt, Channel, Delivery, DeliveryState, IsOpen, PushSubscription, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from notifications.outcome import Outcome

    # The ids of a webhook and of a browser, one of them at most.
    Pair = tuple[UUID | None, UUID | None]


# Any number that nobody else locks by; see `take_turns`.
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


def list_yielding() -> tuple[list[Pair], set[int]]:
    """Return the webhooks and browsers that were slow, and their owners: both let others go first for now."""
    are_slow = Q(yields_until__gt=now_in_database())
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
        take_turns()
        held = list(list_held().values_list("webhook_id", "subscription_id"))
        if len(held) >= conf.get_sending_limit():
            return None
        slow, owners = list_yielding()
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
            park(delivery.webhook)
            # Whatever is left of it comes next time.
            pairs.append((delivery.webhook.pk, None))
        elif take(delivery):
            return delivery
    return None


def find_first(left_out: Iterable[Pair], owners: Iterable[int] = ()) -> Delivery | None:
    """Return what has been due for longest and goes to none of these."""
    due = leave_out(list_due(), left_out).exclude(owner__in=owners).select_related("webhook", "subscription", "owner")
    return due.order_by("runnable_at", "created_at", "id").first()


def take_turns() -> None:
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


def park(webhook: Webhook) -> None:
    """Let what waits for a paused webhook wait until that is resumed: some of it, so that it is quickly done."""
    # Whoever resumes it meanwhile waits, and finds what was parked.
    if Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).exclude(paused_at=None).first():
        change_some(Delivery.objects.filter(webhook=webhook, runnable_at__lte=now_in_database()), runnable_at=None)


def find_same(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row of a delivery as long as it is as it was read."""
    names = ("pk", "state", "claim_id", "attempts")
    return Delivery.objects.filter(**{name: getattr(delivery, name) for name in names})


def hold(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row of a claimed delivery as long as it is still the claimer's."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, claim_id=delivery.claim_id)


def put_off(delivery: Delivery, until: datetime) -> None:
    """Give a delivery back uncounted, as nobody has tried it, and let others of its host wait as long."""
    hold(delivery).update(
        state=DeliveryState.WAITING, attempts=F("attempts") - 1, claim_id=None, lease_expires_at=None, runnable_at=until
    )
    with transaction.atomic():
        change_some(Delivery.objects.filter(share_host(delivery), runnable_at__lt=until), runnable_at=until)


def change_some(rows: QuerySet[Delivery], **fields: Any) -> None:
    """Change PUT_OFF_AT_ONCE waiting rows at most, in a transaction; the others, when one of them is next met."""
    waiting = rows.filter(IsOpen(), state=DeliveryState.WAITING).order_by("runnable_at")
    # Those that somebody else is changing are left to them: whoever waited for rows in another order might lock up.
    locked = waiting.select_for_update(skip_locked=True, of=("self",)).only("pk")[: conf.PUT_OFF_AT_ONCE]
    Delivery.objects.filter(pk__in=[row.pk for row in locked]).update(**fields)


def let_others_first(delivery: Delivery, seconds: float) -> None:
    """Let what waits for others go before what waits for the same webhook or browser, for as long as that took."""
    receiver = find_receiver(delivery)
    if receiver is not None:
        type(receiver).objects.filter(pk=receiver.pk).update(yields_until=now_in_database(seconds))


def find_receiver(delivery: Delivery) -> Webhook | PushSubscription | None:
    """Return who is called; None for an e-mail."""
    return delivery.webhook or delivery.subscription


def share_host(delivery: Delivery) -> Q:
    """Return the condition of deliveries that go where this one goes."""
    if delivery.webhook is not None:
        return Q(webhook__host=delivery.webhook.host, owner=delivery.owner_id)
    if delivery.subscription is not None:
        return Q(subscription__host=delivery.subscription.host)
    return Q(channel=Channel.MAIL)


def settle(delivery: Delivery, outcome: Outcome, milliseconds: int) -> None:
    """Write down how a try ended, and what becomes of the delivery and its webhook or browser."""
    with transaction.atomic():
        fields = choose_fields(delivery, outcome)
        if not hold(delivery).update(claim_id=None, lease_expires_at=None, **fields):
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
        "nudged_at": None,
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


def resume(webhook: Webhook) -> None:
    """Let a paused webhook be called again, with what has waited for it."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(paused_at=None, pause_reason="", failures=0)
        waiting = Delivery.objects.filter(IsOpen(), webhook=webhook, state=DeliveryState.WAITING)
        waiting.update(runnable_at=now_in_database())
        nudges.send_nudge()


def send_again(delivery: Delivery) -> bool:
    """Let a delivery that has ended be made once more, under its old id; False for one that is still open."""
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    with transaction.atomic():
        found = ended.update(
            state=DeliveryState.WAITING, attempts=0, runnable_at=now_in_database(), nudged_at=now_in_database()
        )
        if found:
            nudges.send_nudge()
    return bool(found)


def nudge_due() -> None:
    """Nudge for what is due and was not nudged for lately: retries, and what lost its nudge or its worker."""
    long_ago = now_in_database(-conf.NUDGE_AGAIN_SECONDS)
    due = list_due().filter(Q(nudged_at=None) | Q(nudged_at__lt=long_ago))
    due = leave_out(due, list_held().values_list("webhook_id", "subscription_id"))
    with transaction.atomic():
        rows = due.order_by("runnable_at").select_for_update(skip_locked=True).only("pk")[:50]
        found = Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(nudged_at=now_in_database())
    if found:
        nudges.enqueue_nudge()


def remove_old() -> int:
    """Delete deliveries that are older than KEPT_SECONDS, and tries; return how many rows went."""
    is_old = Q(created_at__lt=now_in_database(-conf.KEPT_SECONDS))
    deliveries, _ = Delivery.objects.filter(is_old).delete()
    # Those of a delivery that was deleted while it was tried.
    tries, _ = Attempt.objects.filter(is_old).delete()
    return deliveries + tries
