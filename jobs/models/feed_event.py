"""The feed: the changes of jobs, for live pages.

They are kept for a day, so that live pages miss nothing.
"""

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler

from jobs.states import JobState, Stage


class TransactionNumber(models.Func):
    """A transaction number of PostgreSQL; on SQLite a constant.

    SQLite's writers are serialised. Source: https://www.postgresql.org/docs/current/functions-info.html, table of
    "Transaction ID and Snapshot Information Functions".
    """

    output_field = models.BigIntegerField()
    arity = 0
    on_postgresql = ""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[str | int] | tuple[str | int, ...] | tuple[()]]:
        return self.as_sql(compiler, connection, template=f"{self.on_postgresql}::text::bigint")


class CurrentTransaction(TransactionNumber):
    """The transaction that writes."""

    template = "%(expressions)s0"
    on_postgresql = "pg_current_xact_id()"


class OldestTransaction(TransactionNumber):
    """The oldest transaction that the reading statement sees at work.

    The rows of older ones are all visible.
    """

    template = "%(expressions)s9223372036854775807"
    on_postgresql = "pg_snapshot_xmin(pg_current_snapshot())"


class NextTransaction(TransactionNumber):
    """The first transaction that the reading statement knows nothing of.

    Rows of others with that number or more are not its own.
    """

    template = "%(expressions)s9223372036854775807"
    on_postgresql = "pg_snapshot_xmax(pg_current_snapshot())"


class FeedEvent(models.Model):
    """One change of a job as live pages receive it.

    It is written in the same transaction as the change. Ids are set before the commit, so rows become visible out of
    their order: the order of the feed is (transaction_id, id), and it is read only as far as no older transaction is
    still at work.
    """

    id = models.BigAutoField(primary_key=True)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, help_text="The job's."
    )
    # No key, since the event of a deletion outlives the job.
    job_id = models.UUIDField()
    kind = models.CharField(max_length=30, help_text="Those of the job's events, and: progress, changed, deleted.")
    state = models.CharField(max_length=10, choices=JobState)
    stage = models.CharField(max_length=12, choices=Stage, blank=True)
    progress = models.FloatField(default=0, help_text="In percent.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["transaction_id", "id"]
        indexes = [
            models.Index(fields=["owner", "transaction_id", "id"], name="feed_owner_order"),
            models.Index(fields=["transaction_id", "id"], name="feed_order"),
            models.Index(fields=["created_at"], name="feed_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
