"""The shapes of recordings in the API.

They also cover recordings that still arrive.
"""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from jobs.domain.base import storage
from jobs.domain.intake import recorder
from jobs.domain.intake.recorder import Changes
from jobs.models import Recording, Upload
from jobs.models.recording import KEY_LENGTH
from jobs.states import LossReason
from jobs.validators import TITLE_LENGTH, clean_title, validate_language

MOST_SECONDS = 7 * 24 * 3600.0


class RecordingSerializer(serializers.ModelSerializer[Recording]):
    """One recording.

    `duration` is seconds, null until the audio has been probed. Only the title can be changed.
    """

    duration = serializers.FloatField(source="seconds", read_only=True, allow_null=True)

    class Meta:
        model = Recording
        fields = (
            "id",
            "title",
            "original_name",
            "media_type",
            "bytes",
            "sha256",
            "duration",
            "source",
            "state",
            "marks",
            "losses",
            "created_at",
        )
        read_only_fields = tuple(name for name in fields if name != "title")

    def validate_title(self, title: str) -> str:
        cleaned = clean_title(title)
        if not cleaned:
            raise serializers.ValidationError("Give the recording a title.")
        return cleaned


class PartSerializer(serializers.ModelSerializer[Upload]):
    """One part of a recording that arrives.

    `length` is bytes, null until the part has ended.
    """

    upload = serializers.SerializerMethodField(help_text="Address of the upload that it is.")
    received_bytes = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("part", "upload", "received_bytes", "length", "finished_at")
        read_only_fields = fields

    def get_upload(self, part: Upload) -> str:
        return f"/api/uploads/{part.pk}"

    def get_received_bytes(self, part: Upload) -> int:
        return storage.measure_upload(part.pk)


class RecordingDetailSerializer(RecordingSerializer):
    """One recording with its unjoined parts and its job."""

    parts = PartSerializer(many=True, read_only=True)
    job = serializers.SerializerMethodField(help_text="Id of its first job; null while it arrives.")

    class Meta(RecordingSerializer.Meta):
        fields = (*RecordingSerializer.Meta.fields, "language", "parts", "job")  # type: ignore[assignment]  # a longer tuple
        read_only_fields = tuple(name for name in fields if name != "title")

    def get_job(self, recording: Recording) -> str | None:
        job = recorder.find_job(recording)
        return str(job.pk) if job else None


class SecondsField(serializers.FloatField):
    """A time in a recording, as a finite number of seconds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=MOST_SECONDS, **options)

    def to_internal_value(self, data: Any) -> float:
        seconds = float(super().to_internal_value(data))
        if not math.isfinite(seconds):
            self.fail("invalid")
        return seconds


class MarkSerializer(serializers.Serializer[Any]):
    """A moment that was marked while recording."""

    seconds = SecondsField(help_text="From the start of the recording.")
    note = serializers.CharField(allow_blank=True, default="", max_length=TITLE_LENGTH)


class LossSerializer(serializers.Serializer[Any]):
    """What a recorder could not hear.

    `seconds` is 0 where it does not know for how long.
    """

    start = SecondsField(help_text="Seconds from the start.")
    seconds = SecondsField()
    reason = serializers.ChoiceField(choices=LossReason.choices)


class RecorderSerializer(serializers.Serializer[Any]):
    """The changes of a recorder to its recording.

    What it leaves out stays as it was.
    """

    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    language = serializers.CharField(required=False, allow_blank=True, validators=[validate_language])
    marks = MarkSerializer(many=True, required=False)
    losses = LossSerializer(many=True, required=False)

    def build_changes(self) -> Changes:
        """Return the sent changes."""
        data = self.validated_data
        return Changes(data.get("title", ""), data.get("language"), data.get("marks"), data.get("losses"))


class OpenRecordingSerializer(RecorderSerializer):
    """A recording that begins.

    The same `key` of the same person finds the same recording again.
    """

    key = serializers.CharField(max_length=KEY_LENGTH, help_text="The recorder's own name for it, such as a UUID.")


class FinishRecordingSerializer(RecorderSerializer):
    """The end of a recording.

    Either the number of its parts, or that those that are here are all.
    """

    parts = serializers.IntegerField(required=False, min_value=1)
    as_is = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("parts" in attrs) == attrs["as_is"]:
            raise serializers.ValidationError({"parts": ["Say how many parts there are, or as_is."]})
        return attrs


class QuotaSerializer(serializers.Serializer[Any]):
    """What a person keeps and may keep.

    Null where there is no limit.
    """

    bytes_used = serializers.IntegerField()
    bytes_limit = serializers.IntegerField(allow_null=True)
    seconds_used = serializers.FloatField()
    seconds_limit = serializers.FloatField(allow_null=True)
    seconds_left_by_disk = serializers.FloatField(help_text="What the server's disk has room for.")
    max_upload_bytes = serializers.IntegerField()
