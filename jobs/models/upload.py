"""Uploads that can be resumed: files, and the parts of recordings."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.validators import TITLE_LENGTH


class Upload(models.Model):
    """Bytes that arrive in order, in any number of requests.

    Only the file knows how many are here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    recording = models.ForeignKey(
        "jobs.Recording", null=True, on_delete=models.CASCADE, related_name="parts", help_text="Whose part it is."
    )
    part = models.PositiveIntegerField(null=True, help_text="Which part of the recording, from 0.")
    length = models.PositiveBigIntegerField(null=True, help_text="In bytes; unknown until the sender tells.")
    received_bytes = models.PositiveBigIntegerField(default=0, help_text="As of the last request that ended.")
    original_name = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    language = models.CharField(max_length=10, blank=True)
    metadata = models.TextField(blank=True, help_text="Upload-Metadata as it was sent, to be sent back.")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True, help_text="When it was last added to.")
    finished_at = models.DateTimeField(null=True, help_text="When its last byte was here and taken in.")

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "part"], name="upload_part_once", condition=models.Q(recording__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.original_name or str(self.id)
