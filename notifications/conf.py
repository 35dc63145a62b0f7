"""Constants of deliveries, and typed readers of this app's settings."""

from pathlib import Path
from typing import cast

from django.conf import settings

# How long one exchange may take in all, whatever the other side does, and how much of its answer is read.
DEADLINE_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 * 1024
# So long what follows the head of an answer is listened to; nobody needs it.
BODY_SECONDS = 1.0
MAIL_DEADLINE_SECONDS = 30.0
MAX_REDIRECTS = 3
# Must exceed the deadlines above. A crashed worker blocks its slot for this long.
LEASE_SECONDS = 20.0
MAIL_LEASE_SECONDS = 45.0
# A receiver that took longer than this lets others go first for as long as it took.
SLOW_SECONDS = 1.0
# So many waiting deliveries are put off by one statement, so that it is short however many there are.
PUT_OFF_AT_ONCE = 1000
# The waits after each failed try: the last one is given up after some ten hours.
RETRY_SECONDS = (5.0, 30.0, 300.0, 1800.0, 7200.0, 28_800.0)
RETRY_JITTER = 0.2
RETRY_AFTER_LIMIT_SECONDS = 3600.0
# So many failed tries in a row pause a webhook until its owner resumes it.
FAILURES_TO_PAUSE = 10
# So many failures in a row open the circuit to a host; how long it stays open doubles up to the limit.
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 60.0
OPEN_LIMIT_SECONDS = 900.0
# How long others wait for the one who tries whether a host is back.
PROBE_SECONDS = 15.0
# How long a secret that was renewed goes on to sign beside the new one.
OLD_SECRET_SECONDS = 24 * 3600.0
KEPT_SECONDS = 30 * 24 * 3600.0
WEBHOOKS_PER_PERSON = 20
SUBSCRIPTIONS_PER_PERSON = 20


def get_allowed_targets() -> list[str]:
    """Return the hosts and networks that may be called although they are not public."""
    return list(settings.OUTBOUND_ALLOW)


def get_sending_limit() -> int:
    """Return how many deliveries may be under way at once: half the workers of a machine, so that others transcribe."""
    return max(1, cast("int", settings.Q_CLUSTER["workers"]) // 2)


def get_vapid_file() -> Path:
    """Return where the key is kept that push services know this installation by."""
    return Path(settings.DATA_DIR) / "vapid_key.pem"


def get_push_contact() -> str:
    """Return how the operator of a push service reaches whoever runs this: a mailto: or https: address."""
    return str(settings.PUSH_CONTACT)


def get_public_url() -> str:
    """Return the address that people open, without a slash at its end; empty where it is not known."""
    return str(settings.PUBLIC_URL).rstrip("/")


def has_mail() -> bool:
    """Tell whether e-mail can be sent."""
    return bool(settings.EMAIL_HOST)
