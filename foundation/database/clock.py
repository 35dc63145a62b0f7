"""The one clock that leases go by: the database's, which all machines share."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone


def now_in_database(offset_seconds: float = 0.0) -> Combinable:
    """Return an expression for the database's current time plus `offset_seconds`."""
    if not offset_seconds:
        return Now()
    return ExpressionWrapper(Now() + timedelta(seconds=offset_seconds), output_field=DateTimeField())


def read_database_time() -> datetime:
    """Return the database's current time."""
    column = "STRFTIME('%Y-%m-%d %H:%M:%f+00:00', 'NOW')" if connection.vendor == "sqlite" else "CLOCK_TIMESTAMP()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}")
        value = cursor.fetchone()[0]
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def measure_clock_skew() -> float:
    """Return by how many seconds this machine's clock is ahead of the database's."""
    return (timezone.now() - read_database_time()).total_seconds()
