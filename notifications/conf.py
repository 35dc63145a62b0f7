"""Constants of deliveries, and typed readers of this app's settings."""

from pathlib import Path
from typing import cast

from django.conf import settings

# An exchange over HTTP that is not done by then fails, whatever the other side does.
DEADLINE_SECONDS = 10.0
# What an answer has beyond this is not read.
MAX_ANSWER_BYTES = 64 * 1024
# What follows the head of an answer is read for this long at most; nothing in it is needed.
BODY_SECONDS = 1.0
# An e-mail that the mail server has not accepted by then fails.
MAIL_DEADLINE_SECONDS = 30.0
# A call that is redirected more often fails.
MAX_REDIRECTS = 3
# Must exceed the deadlines above. A crashed worker blocks its slot for this long.
LEASE_SECONDS = 20.0
MAIL_LEASE_SECONDS = 45.0
# A receiver that took longer than this is deprioritized for as long as it took.
SLOW_SECONDS = 1.0
# One statement reschedules this many waiting deliveries at most, so that it is short. The others follow later.
PUT_OFF_AT_ONCE = 1000
# The waits after each failed try. The try after the last, some ten hours on, is the last one.
RETRY_SECONDS = (5.0, 30.0, 300.0, 1800.0, 7200.0, 28_800.0)
# Each wait is shorter or longer by this share at most.
RETRY_JITTER = 0.2
# A receiver that asks for a longer wait (`Retry-After`) is called again after this one.
RETRY_AFTER_LIMIT_SECONDS = 3600.0
# A webhook is paused after this many failed tries in a row, until its owner resumes it.
FAILURES_TO_PAUSE = 10
# The circuit to a host opens after this many failures in a row. How long it stays open doubles up to the limit.
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 60.0
OPEN_LIMIT_SECONDS = 900.0
# Other calls wait this long for the one that tries whether a host is back.
PROBE_SECONDS = 15.0
# A secret that was renewed signs beside the new one for this long, and no longer.
OLD_SECRET_SECONDS = 24 * 3600.0
# Older deliveries and tries are deleted, and circuits without a failure since then.
KEPT_SECONDS = 30 * 24 * 3600.0
# One more of either is refused.
WEBHOOKS_PER_PERSON = 20
SUBSCRIPTIONS_PER_PERSON = 20


def get_allowed_targets() -> list[str]:
    """Return the hosts and networks that may be called without being public."""
    return list(settings.OUTBOUND_ALLOW)


def get_sending_limit() -> int:
    """Return how many deliveries may be under way at once.

    Half the workers of a machine, so that the others transcribe.
    """
    return max(1, cast("int", settings.Q_CLUSTER["workers"]) // 2)


def get_vapid_file() -> Path:
    """Return the key file that identifies this installation to push services."""
    return Path(settings.DATA_DIR) / "vapid_key.pem"


def get_push_contact() -> str:
    """Return the address at which push services reach the server's owner.

    It begins with mailto: or https:.
    """
    return str(settings.PUSH_CONTACT)


def get_public_url() -> str:
    """Return the address that people open, without a slash at its end.

    Empty where it is not known.
    """
    return str(settings.PUBLIC_URL).rstrip("/")


def has_mail() -> bool:
    """Whether e-mail can be sent."""
    return bool(settings.EMAIL_HOST)
