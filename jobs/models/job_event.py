"""Events: what happened to a job, when and why.

They are the source of its log and of live pages.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from jobs.states import JobState


class JobEvent(models.Model):
    """One change of a job.

    It is written in the same transaction as the change.
    """

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=30, help_text="What happened: created, state, stage, step_released, read …")
    state = models.CharField(max_length=10, choices=JobState, help_text="The job's state after the change.")
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who asked for it; empty when a worker did it.",
    )
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text="Database time, whatever the clock of the machine that did it says."
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["job", "id"], name="event_job_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
