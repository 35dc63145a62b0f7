"""A circuit breaker for each host, shared by all workers.

A host that fails again and again is left alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from foundation.database.clock import now_in_database, read_database_time
from notifications import conf
from notifications.models import Circuit

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a host may be called: at once or not before `wait_until`.

    `known` is until when the circuit was open then.
    """

    wait_until: datetime | None = None
    known: datetime | None = None


def admit(host: str) -> Admission:
    """Return whether `host` may be called now.

    When the wait is over one call goes first; the others wait for how that ends.
    """
    open_until = read_open_until(host)
    if open_until is None:
        return Admission()
    if open_until > read_database_time():
        return Admission(wait_until=open_until)
    is_first = Circuit.objects.filter(pk=host, open_until=open_until).update(
        open_until=now_in_database(conf.PROBE_SECONDS)
    )
    # None where it has been closed in this very moment.
    now_open_until = read_open_until(host)
    return Admission(known=now_open_until) if is_first else Admission(wait_until=now_open_until)


def read_open_until(host: str) -> datetime | None:
    """Return until when a circuit is open; None if it is closed."""
    return Circuit.objects.filter(pk=host).values_list("open_until", flat=True).first()


def record_success(host: str) -> None:
    """Close the circuit."""
    Circuit.objects.filter(pk=host).delete()


def record_failure(host: str, admission: Admission) -> None:
    """Count the failure of a call; FAILURES_TO_OPEN open the circuit.

    Each further one opens it for longer. A call that began before the circuit was opened changes nothing.
    """
    with transaction.atomic():
        circuit, _ = Circuit.objects.select_for_update(no_key=True).get_or_create(pk=host)
        if circuit.open_until != admission.known:
            return
        circuit.failures += 1
        Circuit.objects.filter(pk=host).update(failures=F("failures") + 1, failed_at=now_in_database())
        if circuit.failures >= conf.FAILURES_TO_OPEN:
            doublings = min(circuit.failures - conf.FAILURES_TO_OPEN, 10)
            seconds = min(conf.OPEN_LIMIT_SECONDS, conf.OPEN_SECONDS * 2**doublings)
            Circuit.objects.filter(pk=host).update(open_until=now_in_database(seconds))


def remove_old() -> int:
    """Forget hosts without a failure for KEPT_SECONDS; return how many."""
    return Circuit.objects.filter(failed_at__lt=now_in_database(-conf.KEPT_SECONDS)).delete()[0]
