"""What this version stores differently, one line for each change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Column = tuple[str, str]

# All migrations of the version before, by app.
PREVIOUS_MIGRATIONS = {
    ("accounts", "0001_initial"),
    ("accounts", "0002_user_finishes_recordings"),
    ("accounts", "0003_notifications"),
    ("jobs", "0001_initial"),
    ("jobs", "0002_durability"),
    ("jobs", "0003_event_time"),
    ("jobs", "0004_doubts"),
    ("jobs", "0005_uploads"),
    ("jobs", "0006_feed"),
    ("notifications", "0001_initial"),
    ("notifications", "0002_claims_and_circuits"),
    ("notifications", "0003_receivers"),
}
EVENT_KINDS = {
    "retried_step": "step_rescheduled",
    "handed_back": "step_released",
    "released": "reuse_failed",
}


@dataclass(frozen=True)
class Changes:
    """How the rows of the version before become those of this one.

    Tables and columns go by the names they have now, except where the other is said.

    Attributes:
        sources: a new table, and the old one whose rows fill it.
        renamed_columns: a column, and its old name.
        computed_columns: a column, and SQL for it over the columns of the old row.
        renamed_values: a column, and its values that have new names.
        dropped_columns: old columns, by their old names, that nothing needs any more.
        emptied_tables: tables whose old rows are of no use.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    renamed_columns: Mapping[Column, str] = field(default_factory=dict)
    computed_columns: Mapping[Column, str] = field(default_factory=dict)
    renamed_values: Mapping[Column, Mapping[str, str]] = field(default_factory=dict)
    dropped_columns: frozenset[Column] = frozenset()
    emptied_tables: frozenset[str] = frozenset()

    def get_source(self, table: str) -> str:
        """Return the old table whose rows fill `table`."""
        return self.sources.get(table, table)

    def get_old_column(self, table: str, column: str) -> Column:
        """Return the old table and the old name of a column."""
        return self.get_source(table), self.renamed_columns.get((table, column), column)


PREFERENCES = "notifications_notificationpreferences"
CHANGES = Changes(
    sources={PREFERENCES: "accounts_user"},
    renamed_columns={
        ("jobs_step", "untranscribed"): "textless",
        ("jobs_transcript", "review_spot_count"): "doubts",
        (PREFERENCES, "owner_id"): "id",
        (PREFERENCES, "on_completed"): "tell_completed",
        (PREFERENCES, "on_failed"): "tell_failed",
        (PREFERENCES, "in_tab"): "tell_in_tab",
        (PREFERENCES, "by_mail"): "tell_by_mail",
        ("notifications_pushsubscription", "deprioritized_until"): "yields_until",
        ("notifications_webhook", "deprioritized_until"): "yields_until",
    },
    computed_columns={
        ("notifications_delivery", "claimed_by"): "''",
        ("notifications_delivery", "claimed_at"): "NULL",
    },
    renamed_values={
        ("jobs_jobevent", "kind"): EVENT_KINDS,
        ("jobs_feedevent", "kind"): EVENT_KINDS,
    },
    # What was being sent is taken up again once its lease has run out.
    dropped_columns=frozenset({("notifications_delivery", "claim_id"), ("notifications_delivery", "nudged_at")}),
    # The history of migrations begins again. Messages only say that there is work; workers make new ones.
    emptied_tables=frozenset({"django_migrations", "django_q_ormq"}),
)
