"""Webhooks, signed after Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.utils import timezone

from notifications import outbound
from notifications.channels.webhook import webhook_signatures
from notifications.outcome import Outcome, judge_status
from notifications.targets import OutboundError
from versioning import __version__

if TYPE_CHECKING:
    from notifications.models import Delivery

DELETED = "This webhook was deleted."


def send(delivery: Delivery) -> Outcome:
    """Call the webhook of a delivery.

    The id is the same at each try, so that a receiver recognises what it has already.
    """
    webhook = delivery.webhook
    if webhook is None:
        return Outcome(error=DELETED, is_lasting=True)
    body = json.dumps(delivery.body, ensure_ascii=False)
    name, now = f"msg_{delivery.pk.hex}", timezone.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Transcribe/{__version__}",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook_signatures.sign(webhook, name, now, body),
    }
    try:
        answer = outbound.post(webhook.url, body.encode(), headers)
    except OutboundError as error:
        return Outcome(error=str(error), is_host=not error.is_refused)
    return judge_status(answer.status, answer.retry_after)
