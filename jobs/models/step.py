"""Steps: the units of work that workers claim.

Most of them are chunks of audio.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.database.leased_rows import LeasedRow
from jobs.states import StepKind, StepState


class Step(LeasedRow):
    """One claimable step of a job: preparation, chunk or finish.

    A running step is held under a lease.
    """

    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, related_name="steps")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The job's owner, kept here so that the claim can take turns without a join.",
    )
    kind = models.CharField(max_length=8, choices=StepKind)
    index = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=StepState, default=StepState.WAITING)
    due_at = models.DateTimeField(
        default=timezone.now,
        help_text="The job's start in the queue plus its seconds of audio: of an owner's steps the earliest goes first.",
    )
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)

    # Chunks only: seconds in the recording, bytes in its working copy, stretches of speech in seconds.
    start = models.FloatField(default=0)
    end = models.FloatField(default=0)
    offset = models.PositiveBigIntegerField(default=0)
    length = models.PositiveBigIntegerField(default=0)
    speech: "models.JSONField[list[list[float]]]" = models.JSONField(default=list)
    untranscribed: "models.JSONField[list[list[float]]]" = models.JSONField(
        default=list, help_text="Stretches of speech that no text was found for, in seconds."
    )
    seconds_done = models.FloatField(default=0)
    compute_seconds = models.FloatField(null=True)
    language = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["job", "kind", "index"]
        constraints = [
            models.UniqueConstraint(fields=["job", "kind", "index"], name="step_once"),
            models.CheckConstraint(
                name="step_lease_when_running",
                condition=models.Q(state=StepState.RUNNING, lease_expires_at__isnull=False)
                | (~models.Q(state=StepState.RUNNING) & models.Q(lease_expires_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "owner", "due_at", "runnable_at"],
                name="step_open",
                condition=models.Q(state__in=[StepState.WAITING, StepState.RUNNING]),
            ),
            models.Index(fields=["claimed_at"], name="step_claimed"),
            models.Index(fields=["owner", "claimed_at"], name="step_owner_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.index} of {self.job_id}"


class ChunkManager(models.Manager["Chunk"]):
    """Only the steps that are chunks of audio."""

    def get_queryset(self) -> models.QuerySet["Chunk"]:
        return super().get_queryset().filter(kind=StepKind.CHUNK)


class Chunk(Step):
    """A step that transcribes at most about a minute of audio."""

    objects: ClassVar[ChunkManager] = ChunkManager()

    class Meta:
        proxy = True
        ordering = ["job", "index"]
