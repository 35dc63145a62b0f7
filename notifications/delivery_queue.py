"""The queue of deliveries: one at a time to each receiver.

Receivers that are slow hold up few workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q

from foundation.database.clock import now_in_database
from foundation.database.leased_queue import LeasedQueue
from foundation.database.leased_rows import claim_row
from foundation.database.retry_policy import RetryPolicy
from notifications import backlog, conf, send
from notifications.models import Attempt, Channel, Delivery, PushSubscription, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from foundation.database.leased_rows import Lease, LeasedQuerySet

    # The ids of a webhook and of a browser, one of them at most.
    Pair = tuple[UUID | None, UUID | None]


# Any number that no other lock has; see `lock_claims`.
CLAIM_LOCK = 7_305_421_963
LOST = "The worker that tried this did not come to an end; see its log."


class DeliveryQueue(LeasedQueue[Delivery]):
    """Deliveries, of each receiver one at a time.

    No more than `get_sending_limit` are under way at once.
    """

    @property
    def policy(self) -> RetryPolicy:
        return build_policy()

    def claim(self) -> Lease[Delivery] | None:
        """Claim the delivery that has waited longest and is not held up.

        None when there is none. Receivers that take long to answer hold up no more than half of the workers.
        """
        with transaction.atomic():
            lock_claims()
            held = list(Delivery.rows().held().values_list("webhook_id", "subscription_id"))
            if len(held) >= conf.get_sending_limit():
                return None
            slow, owners = list_deprioritized()
            if not slow:
                return claim_beside(held)
            # A slow receiver holds up its own owner first.
            return claim_beside(held, owners) or claim_beside([*held, *slow]) or claim_beside(held)

    def run(self, lease: Lease[Delivery]) -> None:
        send.send(lease, self.policy)

    def select_due(self) -> LeasedQuerySet[Delivery]:
        """Return the deliveries whose receiver is not being called."""
        return leave_out(Delivery.rows().due(), Delivery.rows().held().values_list("webhook_id", "subscription_id"))

    def on_taken_back(self, lease: Lease[Delivery], *, is_last: bool) -> None:  # noqa: ARG002 - the base's signature
        """Log the try as one of a lost worker."""
        Attempt.objects.create(delivery=lease.row, error=LOST, milliseconds=0)


def build_policy() -> RetryPolicy:
    """Return how often a delivery is tried."""
    return RetryPolicy(
        lease_seconds=conf.MAIL_LEASE_SECONDS,
        max_attempts=len(conf.RETRY_SECONDS) + 1,
        waits=conf.RETRY_SECONDS,
        jitter=(1 - conf.RETRY_JITTER, 1 + conf.RETRY_JITTER),
        retry_after_limit=conf.RETRY_AFTER_LIMIT_SECONDS,
    )


def list_deprioritized() -> tuple[list[Pair], set[int]]:
    """Return the webhooks and browsers that are deprioritized, and their owners."""
    are_slow = Q(deprioritized_until__gt=now_in_database())
    webhooks = list(Webhook.objects.filter(are_slow).order_by().values_list("pk", "owner_id"))
    browsers = list(PushSubscription.objects.filter(are_slow).order_by().values_list("pk", "owner_id"))
    pairs: list[Pair] = [*((pk, None) for pk, _ in webhooks), *((None, pk) for pk, _ in browsers)]
    return pairs, {owner_id for _, owner_id in (*webhooks, *browsers)}


def claim_beside(left_out: Iterable[Pair], owners: Iterable[int] = ()) -> Lease[Delivery] | None:
    """Claim the delivery that has waited longest.

    Those to these receivers and of these owners are left out. Deliveries to paused webhooks that it meets are deferred.
    """
    pairs = list(left_out)
    while delivery := find_first(pairs, owners):
        if delivery.webhook is not None and delivery.webhook.paused_at:
            backlog.defer(delivery.webhook)
            # Those of its deliveries that are left come next time.
            pairs.append((delivery.webhook.pk, None))
        elif lease := claim_row(delivery, choose_lease_seconds(delivery)):
            return lease
    return None


def choose_lease_seconds(delivery: Delivery) -> float:
    """Return how long a claim lasts, in seconds; longer for e-mails."""
    return conf.MAIL_LEASE_SECONDS if delivery.channel == Channel.MAIL else conf.LEASE_SECONDS


def find_first(left_out: Iterable[Pair], owners: Iterable[int] = ()) -> Delivery | None:
    """Return the delivery due for longest that goes to none of these."""
    due = leave_out(Delivery.rows().due(), left_out).exclude(owner__in=owners)
    return due.select_related("webhook", "subscription", "owner").order_by("runnable_at", "created_at", "id").first()


def lock_claims() -> None:
    """Lock out other claimers until the transaction ends.

    On SQLite there is one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])


def leave_out(due: LeasedQuerySet[Delivery], held: Iterable[Pair]) -> LeasedQuerySet[Delivery]:
    """Return the deliveries that go to none of these webhooks and browsers."""
    pairs = list(held)
    webhooks = {webhook for webhook, _ in pairs if webhook}
    browsers = {browser for _, browser in pairs if browser}
    return due.exclude(webhook__in=webhooks).exclude(subscription__in=browsers)


DELIVERIES = DeliveryQueue(Delivery)
