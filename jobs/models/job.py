"""Jobs: one run of a recording through the engine."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.states import ACTIVE_STATES, RETRYABLE_STATES, JobState, Stage

if TYPE_CHECKING:
    from accounts.models import User
    from jobs.models.transcript import Transcript


class IsFailed(models.Func):
    """Whether a job has failed, worded like the partial indexes.

    SQLite uses a partial index only for a query that repeats its condition with constants.
    """

    template = f"%(expressions)s = '{JobState.FAILED.value}'"
    output_field = models.BooleanField()

    def __init__(self) -> None:
        super().__init__(models.F("state"))


# The condition of the indexes of failed jobs that are not dismissed; queries say `JobQuerySet.dead`.
DEAD = models.Q(state=JobState.FAILED, dismissed_at__isnull=True)


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by owner and by state."""

    def owned_by(self, user: "User") -> Self:
        """Return the jobs of one person."""
        return self.filter(owner=user)

    def active(self) -> Self:
        """Return the jobs that are still to be done."""
        return self.filter(state__in=ACTIVE_STATES)

    def completed(self) -> Self:
        """Return the jobs whose text is ready."""
        return self.filter(state=JobState.COMPLETED)

    def failed(self) -> Self:
        """Return the failed jobs, by way of their partial index."""
        return self.filter(IsFailed())

    def dead(self) -> Self:
        """Return the failed jobs that are not dismissed."""
        return self.failed().filter(dismissed_at__isnull=True)

    def dismissed(self) -> Self:
        """Return the failed jobs that are dismissed."""
        return self.failed().filter(dismissed_at__isnull=False)

    def for_review(self) -> Self:
        """Return the completed jobs whose text is doubtful or incomplete."""
        return self.completed().filter(needs_review=True)

    def lock(self) -> Self:
        """Return the jobs, whose rows are locked when they are read.

        The lock lasts until the transaction ends; keys stay free for foreign keys.
        """
        return self.select_for_update(no_key=True)

    def newest_first(self) -> Self:
        """Return the jobs in the order of their indexes."""
        return self.order_by("-created_at", "-id")


class Job(models.Model):
    """A transcription job; `state` is written by jobs.domain.lifecycle.transitions alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey("jobs.Recording", on_delete=models.CASCADE, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.PENDING)
    stage = models.CharField(max_length=12, choices=Stage, blank=True)
    progress = models.FloatField(default=0, help_text="Seconds of audio done, in percent of all its seconds.")
    attempts = models.PositiveIntegerField(default=0, help_text="How many times the job was started.")
    options: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    engine = models.CharField(max_length=100, blank=True, help_text="Engine and model that did the work.")
    model_checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the model's weights.")
    reused_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="reuses",
        help_text="The job with the same audio that this one waits for, or took its text from; it may be deleted.",
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    warning = models.TextField(blank=True, help_text="What the reader of the text should know, such as lost audio.")
    needs_review = models.BooleanField(
        default=False, help_text="Completed, and somebody should listen to parts: the text is doubtful, or incomplete."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True, help_text="When its owner took note that it failed.")
    transcribing_at = models.DateTimeField(null=True, help_text="When this run's first chunk could start.")
    progress_before = models.FloatField(default=0, help_text="Progress when this run's first chunk could start.")

    transcript: "Transcript"

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "state", "-created_at", "-id"], name="job_owner_state_newest"),
            models.Index(fields=["owner", "-created_at", "-id"], name="job_owner_newest"),
            models.Index(fields=["state", "-created_at"], name="job_state_newest"),
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            # Columns that the condition settles lead them, as SQLite would otherwise take an index with more columns.
            models.Index(
                fields=["owner", "state", "dismissed_at", "-created_at", "-id"],
                name="job_failed",
                condition=models.Q(state=JobState.FAILED),
            ),
            models.Index(
                fields=["owner", "state", "dismissed_at", "error_code", "-created_at", "-id"],
                name="job_dead_by_code",
                condition=DEAD,
            ),
            models.Index(fields=["state", "error_code", "-created_at", "-id"], name="job_dead_of_all", condition=DEAD),
            # Read with the state, which is completed in all of it: without, SQLite takes the index of the owner's jobs.
            models.Index(
                fields=["owner", "state", "-created_at", "-id"],
                name="job_review",
                condition=models.Q(needs_review=True),
            ),
            models.Index(
                fields=["-created_at", "-id"], name="job_review_of_all", condition=models.Q(needs_review=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_active(self) -> bool:
        """Whether the job is still to be done and can be cancelled."""
        return self.state in ACTIVE_STATES

    @property
    def is_retryable(self) -> bool:
        """Whether its owner may start it again."""
        return self.state in RETRYABLE_STATES

    def estimate_eta(self, now: datetime) -> float | None:
        """Return the seconds left at the speed of this run.

        None while nothing is measured.
        """
        gained = self.progress - self.progress_before
        if self.state != JobState.PROCESSING or self.transcribing_at is None or gained <= 0:
            return None
        elapsed = (now - self.transcribing_at).total_seconds()
        return max(0.0, elapsed * (100 - self.progress) / gained)
