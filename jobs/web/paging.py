"""Pages of recordings by place, so that the last page costs as little as the first and nothing shifts."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from jobs.models import Recording

PAGE_SIZE = 20

Place = tuple[datetime, UUID]


def take_page(recordings: QuerySet[Recording], place: Place | None) -> tuple[list[Recording], str]:
    """Return the recordings older than `place`, newest first, and the place of the next page, or an empty text."""
    if place is not None:
        created_at, pk = place
        recordings = recordings.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    rows = list(recordings.order_by("-created_at", "-id")[: PAGE_SIZE + 1])
    page = rows[:PAGE_SIZE]
    return page, name_place(page[-1]) if len(rows) > PAGE_SIZE else ""


def name_place(recording: Recording) -> str:
    """Return the place of a recording in the list, as it stands in an address."""
    return f"{recording.created_at.isoformat()}_{recording.pk}"


def parse_place(text: str) -> Place | None:
    """Return the place that an address names; None, the beginning, for one that makes no sense."""
    moment, _, pk = text.partition("_")
    try:
        created_at = datetime.fromisoformat(moment)
        # The change to UTC fails in some time zones on the calendar's first and last day.
        return (created_at.astimezone(UTC), UUID(pk)) if created_at.tzinfo else None
    except (ValueError, OverflowError):
        return None
