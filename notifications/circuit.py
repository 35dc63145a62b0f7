"""A circuit breaker for each host, shared by all workers: who fails again and again is left alone for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from jobs.domain.clock import now_in_database, read_database_time
from notifications import conf
from notifications.models import Circuit

if TYPE_CHECKING:
    from datetime import datetime


def admit(host: str) -> datetime | None:
    """Return None when `host` may be called now, or until when to wait.

    When the wait is over one caller goes first; the others wait for how that ends.
    """
    circuit = Circuit.objects.filter(pk=host).first()
    if circuit is None or circuit.open_until is None:
        return None
    if circuit.open_until > read_database_time():
        return circuit.open_until
    is_first = Circuit.objects.filter(pk=host, open_until=circuit.open_until).update(
        open_until=now_in_database(conf.PROBE_SECONDS)
    )
    if is_first:
        return None
    # None where it has been closed in this very moment.
    return Circuit.objects.filter(pk=host).values_list("open_until", flat=True).first()


def note_success(host: str) -> None:
    """Close the circuit."""
    Circuit.objects.filter(pk=host).delete()


def note_failure(host: str) -> None:
    """Count a failure, and open the circuit when it is one too many; each further one opens it for longer."""
    with transaction.atomic():
        circuit, _ = Circuit.objects.select_for_update(no_key=True).get_or_create(pk=host)
        circuit.failures += 1
        Circuit.objects.filter(pk=host).update(failures=F("failures") + 1, failed_at=now_in_database())
        if circuit.failures >= conf.FAILURES_TO_OPEN:
            doublings = min(circuit.failures - conf.FAILURES_TO_OPEN, 10)
            seconds = min(conf.OPEN_LIMIT_SECONDS, conf.OPEN_SECONDS * 2**doublings)
            Circuit.objects.filter(pk=host).update(open_until=now_in_database(seconds))


def remove_old() -> int:
    """Forget hosts that nobody has called for KEPT_SECONDS; return how many there were."""
    return Circuit.objects.filter(failed_at__lt=now_in_database(-conf.KEPT_SECONDS)).delete()[0]
