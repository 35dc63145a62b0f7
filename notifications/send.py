"""Sends a claimed delivery.

The circuit of its host is asked before, and afterwards it is settled.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from foundation.database.leased_rows import LeaseLost
from notifications import backlog, circuit, conf, settling
from notifications.channels.registry import find_sender
from notifications.models import NO_HOST, Channel
from notifications.outcome import Outcome

if TYPE_CHECKING:
    from foundation.database.leased_rows import Lease
    from foundation.database.retry_policy import RetryPolicy
    from notifications.models import Delivery

MAIL_HOST = "(mail server)"
DEACTIVATED = "The account is deactivated, so no notifications are sent."

logger = logging.getLogger(__name__)


def send(lease: Lease[Delivery], policy: RetryPolicy) -> None:
    """Try one claimed delivery and settle it.

    It is released if its host is to be left alone for now.
    """
    try:
        try_delivery(lease, policy)
    except LeaseLost:
        logger.info("lease lost on delivery %s", lease.row.pk)


def try_delivery(lease: Lease[Delivery], policy: RetryPolicy) -> None:
    """Send a delivery unless its owner or its host forbids it.

    Raises:
        LeaseLost: another worker has taken it over.
    """
    delivery = lease.row
    if not delivery.owner.is_active:
        settling.settle(lease, Outcome(error=DEACTIVATED, is_lasting=True, was_called=False), 0, policy)
        return
    host = find_host(delivery)
    admission = circuit.admit(host)
    if admission.wait_until is not None:
        backlog.release(lease, admission.wait_until)
        return
    started_at = time.monotonic()
    outcome = call(delivery)
    seconds = time.monotonic() - started_at
    if outcome.is_host:
        circuit.record_failure(host, admission)
    elif outcome.status or not outcome.error:
        circuit.record_success(host)
    settling.settle(lease, outcome, int(seconds * 1000), policy)
    if seconds > conf.SLOW_SECONDS:
        backlog.deprioritize(delivery, seconds)


def call(delivery: Delivery) -> Outcome:
    """Return how a delivery by its channel went, whatever goes wrong."""
    try:
        return find_sender(delivery.channel)(delivery)
    except Exception:
        logger.exception("delivery %s failed unexpectedly", delivery.pk)
        return Outcome(error="Something unexpected went wrong on this server; see its log.")


def find_host(delivery: Delivery) -> str:
    """Return the circuit of a delivery: its host and port.

    Of webhooks each owner has circuits of their own: one person's addresses must not close the way for others.
    """
    if delivery.channel == Channel.MAIL:
        return MAIL_HOST
    if delivery.webhook is not None:
        return f"{delivery.webhook.host} of {delivery.owner_id}"
    return NO_HOST if delivery.subscription is None else delivery.subscription.host
