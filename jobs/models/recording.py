"""Recordings: the audio a person recorded or uploaded."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models

from jobs.validators import TITLE_LENGTH


def build_audio_path(recording: "Recording", filename: str) -> str:
    """Return where the audio is stored: a folder of its own, under a name that nobody chose."""
    suffix = PurePath(filename).suffix.lower()
    safe = suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""  # noqa: PLR2004 - no real suffix is longer
    return f"recordings/{recording.id}/audio{safe}"


class Source(models.TextChoices):
    """How a recording came here."""

    RECORDED = "recorded", "Recorded"
    UPLOADED = "uploaded", "Uploaded"


class Recording(models.Model):
    """One piece of audio, its owner and what is known of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recordings")
    title = models.CharField(max_length=TITLE_LENGTH)
    original_name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True, help_text="As probed from the content.")
    audio = models.FileField(upload_to=build_audio_path, max_length=200)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    seconds = models.FloatField(null=True, help_text="Length of the audio; unknown until it has been probed.")
    peaks = models.JSONField(null=True, help_text="Loudness over time, at most 1000 values from 0 to 100.")
    source = models.CharField(max_length=10, choices=Source)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="recording_owner_newest"),
            models.Index(fields=["-created_at", "-id"], name="recording_newest"),
        ]

    def __str__(self) -> str:
        return self.title
