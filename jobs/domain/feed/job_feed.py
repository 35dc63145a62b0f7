"""The feed of live pages.

It is written with each change, and read in an order in which nothing appears later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from foundation.database.clock import now_in_database, read_database_time
from jobs import conf
from jobs.models import FeedEvent, Job, Recording
from jobs.models.feed_event import NextTransaction, OldestTransaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

PROGRESS = "progress"
CHANGED = "changed"
DELETED = "deleted"

# The fields of a job that publishing reads.
FIELDS = ("id", "owner_id", "state", "stage", "progress")
CHANNEL = "transcribe_feed"
# A number of this many digits or more is not read: the largest id has fewer.
MAX_DIGITS = 19


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A position in the feed up to which all events are known.

    `seconds` is its moment, in database time since 1970.
    """

    transaction_id: int
    id: int
    seconds: int = 0

    def __str__(self) -> str:
        return f"{self.transaction_id}.{self.id}.{self.seconds}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the position written as `12.34.56`, None for any other text."""
        numbers = text.split(".")
        if len(numbers) != 3 or not all(map(is_number, numbers)):  # noqa: PLR2004 - the three of them
            return None
        return cls(*map(int, numbers))

    def is_after(self, other: Position) -> bool:
        """Whether this position comes later in the feed.

        The time does not matter.
        """
        return (self.transaction_id, self.id) > (other.transaction_id, other.id)


def is_number(text: str) -> bool:
    """Whether `text` is written like the numbers of positions."""
    return text.isascii() and text.isdigit() and len(text) < MAX_DIGITS


@dataclass(frozen=True, slots=True)
class Reading:
    """Events in the order of the feed.

    `has_waiting` says that more must wait for an older transaction.
    """

    events: Sequence[FeedEvent]
    has_waiting: bool


def lock_jobs(keys: Sequence[UUID]) -> None:
    """Lock the rows of jobs until the transaction ends.

    To be called before they are changed and published. On PostgreSQL an UPDATE that has to wait for a row has the
    number of its transaction already, which is the position of its events in the feed, so it would be published before
    what it waited for. One that only locks gets its number afterwards.
    """
    if connection.vendor == "postgresql":
        rows = Job.objects.lock().filter(pk__in=keys)
        list(rows.order_by("pk").values_list("pk"))


def publish(jobs: Sequence[Job], kind: str) -> None:
    """Publish one change of each of `jobs` as they are now.

    To be called in the transaction of the change itself.
    """
    if not jobs:
        return
    FeedEvent.objects.bulk_create(
        FeedEvent(
            owner_id=job.owner_id, job_id=job.pk, kind=kind, state=job.state, stage=job.stage, progress=job.progress
        )
        for job in jobs
    )
    if connection.vendor == "postgresql":
        # Heard after the commit; of equal ones within a transaction only one is sent.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def read_seconds() -> int:
    """Return the database time in whole seconds since 1970.

    Positions have it so.
    """
    return int(read_database_time().timestamp())


def find_end() -> Position:
    """Return the position from which a new reader goes on."""
    seconds = read_seconds()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            # Its own rows are still to come, if it has any, and their ids are greater than 0.
            return Position(cursor.fetchone()[0], 0, seconds)
    newest = FeedEvent.objects.order_by("-id").values_list("id", flat=True).first()
    return Position(0, newest or 0, seconds)


def read_after(position: Position, *, owner_id: int | None = None, limit: int | None = None) -> Reading:
    """Return the events after `position`, of one person or all.

    Each has the `title` of its recording. They end where something could still appear: on PostgreSQL events wait until
    all transactions are over that began to write before theirs did.
    """
    events = FeedEvent.objects.filter(comes_after(position))
    if owner_id is not None:
        events = events.filter(owner_id=owner_id)
    # First: what is settled in between is then read, and later events are announced by their notification.
    has_waiting = connection.vendor == "postgresql" and events.filter(transaction_id__gte=OldestTransaction()).exists()
    settled = events.filter(transaction_id__lt=OldestTransaction())
    return Reading(list(with_titles(settled)[:limit]), has_waiting)


def comes_after(position: Position) -> Q:
    """Return the condition of events after `position`.

    An index serves its terms.
    """
    if connection.vendor != "postgresql":
        return Q(id__gt=position.id)
    later = Q(transaction_id__gt=position.transaction_id) | Q(id__gt=position.id)
    # Rows that came with a copy of another server's database may have numbers that this one has yet to give.
    return Q(transaction_id__gte=position.transaction_id, transaction_id__lt=NextTransaction()) & later


def with_titles(events: QuerySet[FeedEvent]) -> QuerySet[FeedEvent]:
    """Add the recording's present `title`, None when it was deleted."""
    titles = Recording.objects.filter(jobs=OuterRef("job_id")).values("title")[:1]
    return events.annotate(title=Subquery(titles))


def is_kept(position: Position) -> bool:
    """Whether everything after `position` can still be read.

    A position that lies in the future was given out by a database that has been replaced by an older copy since.
    """
    end = find_end()
    return end.seconds - position.seconds < conf.FEED_KEPT_SECONDS and not position.is_after(end)


def remove_old() -> int:
    """Delete old events and those of another server; return their number.

    They are older than any that may be asked for.
    """
    # Later than `is_kept` asks for: an event may be a little older than those before it.
    age = conf.FEED_KEPT_SECONDS + conf.FEED_SPARE_SECONDS
    is_old, is_foreign = Q(created_at__lt=now_in_database(-age)), Q(transaction_id__gte=NextTransaction())
    return FeedEvent.objects.filter(is_old | is_foreign).delete()[0]
