"""Makes deliveries: claims one, asks its host's circuit, sends it, and settles it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from jobs.domain.queue.heartbeat import is_stopping
from notifications import backlog, circuit, claims, conf, settling, wakeup
from notifications.channels.registry import find_sender
from notifications.models import NO_HOST, Channel
from notifications.outcome import Outcome

if TYPE_CHECKING:
    from notifications.models import Delivery

MAIL_HOST = "(mail server)"
DEACTIVATED = "The account is deactivated, so nothing is told."

logger = logging.getLogger(__name__)


def send_for(seconds: float) -> int:
    """Make due deliveries for `seconds` at most, but for the last one; return how many were tried."""
    deadline, tried = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and not is_stopping():
        delivery = claims.claim()
        if delivery is None:
            return tried
        tried += send(delivery)
    # Those who transcribe have their turn, or the next cluster has; then it goes on.
    wakeup.send_wakeup()
    return tried


def send(delivery: Delivery) -> bool:
    """Try one claimed delivery; False if its host is to be left alone for now."""
    if not delivery.owner.is_active:
        settling.settle(delivery, Outcome(error=DEACTIVATED, is_lasting=True, was_called=False), 0)
        return True
    host = find_host(delivery)
    admission = circuit.admit(host)
    if admission.wait_until is not None:
        backlog.reschedule(delivery, admission.wait_until)
        return False
    started_at = time.monotonic()
    try:
        outcome = find_sender(delivery.channel)(delivery)
    except Exception:
        logger.exception("delivery %s failed unexpectedly", delivery.pk)
        outcome = Outcome(error="Something unexpected went wrong on this server; see its log.")
    if outcome.is_host:
        circuit.record_failure(host, admission)
    elif outcome.status or not outcome.error:
        circuit.record_success(host)
    seconds = time.monotonic() - started_at
    settling.settle(delivery, outcome, int(seconds * 1000))
    if seconds > conf.SLOW_SECONDS:
        backlog.deprioritize(delivery, seconds)
    return True


def find_host(delivery: Delivery) -> str:
    """Return which circuit a delivery belongs to: the host and port it goes to.

    Those to webhooks are everybody's own: what somebody has written down must not close the way for others.
    """
    if delivery.channel == Channel.MAIL:
        return MAIL_HOST
    if delivery.webhook is not None:
        return f"{delivery.webhook.host} of {delivery.owner_id}"
    return NO_HOST if delivery.subscription is None else delivery.subscription.host


def send_all_due() -> int:
    """What one task does."""
    return send_for(conf.CLAIM_SECONDS)
