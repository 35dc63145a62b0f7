"""Signatures of webhook calls, after Standard Webhooks.

A renewed secret goes on to sign for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from standardwebhooks import Webhook as Signer

from foundation.database.clock import now_in_database
from notifications import conf
from notifications.models import Webhook, make_secret

if TYPE_CHECKING:
    from datetime import datetime


def sign(webhook: Webhook, message_id: str, timestamp: datetime, body: str) -> str:
    """Return the signatures of a call, one for each valid secret.

    That of the newest is the first.
    """
    secrets = [webhook.secret]
    if webhook.has_old_secret:
        secrets.append(webhook.old_secret)
    return " ".join(Signer(secret).sign(msg_id=message_id, timestamp=timestamp, data=body) for secret in secrets)


def renew_secret(webhook: Webhook, *, revoke_old: bool = False) -> None:
    """Replace the secret of a webhook.

    The old one signs as well for OLD_SECRET_SECONDS, unless `revoke_old`.
    """
    kept = {"old_secret": F("secret"), "old_secret_until": now_in_database(conf.OLD_SECRET_SECONDS)}
    ended = {"old_secret": "", "old_secret_until": None}
    Webhook.objects.filter(pk=webhook.pk).update(secret=make_secret(), **(ended if revoke_old else kept))
    webhook.refresh_from_db()


def forget_old_secrets() -> int:
    """Remove secrets whose time is over; return how many there were."""
    over = Webhook.objects.filter(old_secret_until__lt=now_in_database())
    return over.update(old_secret="", old_secret_until=None)
