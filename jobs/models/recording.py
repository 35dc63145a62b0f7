"""Recordings: the audio a person recorded or uploaded."""

import uuid
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models

from jobs.states import RecordingState
from jobs.validators import TITLE_LENGTH

if TYPE_CHECKING:
    from accounts.models import User


def build_audio_path(recording: "Recording", filename: str) -> str:
    """Return the path of a recording's audio.

    It has a folder of its own, and no part of its name is the sender's but a safe suffix.
    """
    suffix = PurePath(filename).suffix.lower()
    safe = suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""  # noqa: PLR2004 - no real suffix is longer
    return f"recordings/{recording.id}/audio{safe}"


KEY_LENGTH = 64


class Source(models.TextChoices):
    """The way in which a recording came here."""

    RECORDED = "recorded", "Recorded"
    UPLOADED = "uploaded", "Uploaded"


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Recordings by owner and by state."""

    def owned_by(self, user: "User") -> Self:
        """Return the recordings of one person."""
        return self.filter(owner=user)

    def receiving(self) -> Self:
        """Return the recordings that still arrive."""
        return self.filter(state=RecordingState.RECEIVING)

    def ready(self) -> Self:
        """Return the recordings that have arrived."""
        return self.filter(state=RecordingState.READY)


class Recording(models.Model):
    """One recorded audio, its owner and what is known of it.

    A recording that still arrives has no audio yet but parts, each an Upload; so has one that is ready and not joined.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recordings")
    title = models.CharField(max_length=TITLE_LENGTH)
    original_name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True, help_text="As probed from the content.")
    audio = models.FileField(
        upload_to=build_audio_path, max_length=200, blank=True, help_text="Empty until the parts were joined."
    )
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    seconds = models.FloatField(null=True, help_text="Length of the audio; unknown until it has been probed.")
    peaks = models.JSONField(null=True, help_text="Loudness over time, at most 1000 values from 0 to 100.")
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=RecordingState, default=RecordingState.READY)
    key = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="The recorder's own name for it.")
    language = models.CharField(max_length=10, blank=True, help_text="As chosen before recording; empty: detected.")
    marks: "models.JSONField[list[dict[str, Any]]]" = models.JSONField(
        default=list, blank=True, help_text="Moments that were marked while recording: seconds and note."
    )
    losses: "models.JSONField[list[dict[str, Any]]]" = models.JSONField(
        default=list, blank=True, help_text="What the recorder could not hear: start, seconds, and the reason."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="recording_owner_newest"),
            models.Index(fields=["-created_at", "-id"], name="recording_newest"),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                name="recording_receiving",
                condition=models.Q(state=RecordingState.RECEIVING),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="recording_key_once", condition=~models.Q(key=""))
        ]

    def __str__(self) -> str:
        return self.title
