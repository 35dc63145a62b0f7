"""Web Push, encrypted for one browser (RFC 8291).

It is signed with this installation's own key (VAPID, RFC 8292).
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from accounts.secret_files import write_secret_file
from notifications import conf, outbound
from notifications.outcome import Outcome, judge_status
from notifications.targets import OutboundError

if TYPE_CHECKING:
    from notifications.models import Delivery, PushSubscription

# A push service drops a message that it could not deliver within this time: it is of no use any more.
TTL_SECONDS = 24 * 3600
TOKEN_SECONDS = 12 * 3600
FORGOTTEN = "This browser gets no notifications any more."
TAKEN_OVER = "Somebody else uses this browser now."
# What push services answer for a browser that has left.
GONE = (404, 410)


def send(delivery: Delivery) -> Outcome:
    """Send the body of a delivery to its browser."""
    subscription = delivery.subscription
    if subscription is None:
        return Outcome(error=FORGOTTEN, is_lasting=True)
    if subscription.owner_id != delivery.owner_id:
        return Outcome(error=TAKEN_OVER, is_lasting=True)
    try:
        body = encrypt(json.dumps(delivery.body, ensure_ascii=False).encode(), subscription)
    except ValueError:  # keys that are none
        return Outcome(error="The browser's keys are broken.", is_lasting=True, is_gone=True)
    headers = {
        **authorize(subscription.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_SECONDS),
        "Urgency": "normal",
    }
    try:
        answer = outbound.post(subscription.endpoint, body, headers)
    except OutboundError as error:
        return Outcome(error=str(error), is_lasting=error.is_refused, is_host=not error.is_refused)
    return judge_status(answer.status, answer.retry_after, gone=GONE)


def encrypt(content: bytes, subscription: PushSubscription) -> bytes:
    """Return `content` so that only the browser can read it.

    Raises:
        ValueError: the keys of the browser are none.
    """
    encrypted: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decode(subscription.p256dh),
        auth_secret=decode(subscription.auth),
        version="aes128gcm",
    )
    return encrypted


def authorize(endpoint: str) -> dict[str, str]:
    """Return the header by which a push service knows who sends."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": conf.get_push_contact(),
    }
    headers: dict[str, str] = read_key().sign(claims)
    return headers


def read_key() -> Vapid02:
    """Return this installation's key, made when it is first needed."""
    file = conf.get_vapid_file()
    if not file.exists():
        fresh = Vapid02()
        fresh.generate_keys()
        write_secret_file(file, fresh.private_pem().decode("ascii"))
    return Vapid02.from_file(str(file))


def read_public_key() -> str:
    """Return the public half as browsers take it, in base64url."""
    point = read_key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding.

    Raises:
        ValueError: it is not base64url.
    """
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
