"""The shapes of jobs and submissions in the API."""

from __future__ import annotations

import math
from typing import Any, get_args

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis import CategoryReason, SentimentLabel
from engine import TRANSCRIPT_FLAGS
from jobs.domain.base import reasons
from jobs.domain.reading import failures
from jobs.models import Job, JobEvent, Recording, Transcript
from jobs.models.recording import Source
from jobs.states import JobState, Stage
from jobs.validators import TITLE_LENGTH, validate_language


class JobRecordingSerializer(serializers.ModelSerializer[Recording]):
    """The recording, as a job shows it.

    `duration` is seconds, null until the audio has been probed.
    """

    duration = serializers.FloatField(source="seconds", read_only=True, allow_null=True)

    class Meta:
        model = Recording
        fields = ("id", "title", "duration")
        read_only_fields = fields


class CategorySerializer(serializers.Serializer[Any]):
    """The category that fits best.

    Null where none has been found, with the reason once the job has ended.
    """

    name = serializers.CharField(allow_null=True)
    score = serializers.FloatField(allow_null=True, help_text="-1 to 1")
    reason = serializers.ChoiceField(
        choices=get_args(CategoryReason), allow_null=True, help_text="Why there is no category; null when there is one."
    )


class SentimentSerializer(serializers.Serializer[Any]):
    """The sentiment of the text.

    Null for languages other than English.
    """

    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field of that name; DRF takes it off the class
        choices=get_args(SentimentLabel), allow_null=True
    )
    score = serializers.FloatField(allow_null=True, help_text="-1 to 1")


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a job failed.

    `retryable` says whether the same recording could go through another time.
    """

    code = serializers.CharField()
    message = serializers.CharField()
    retryable = serializers.BooleanField()


class JobSerializer(serializers.ModelSerializer[Job]):
    """One job with as much of its result as there is."""

    stage = serializers.SerializerMethodField(help_text="What a processing job is doing, otherwise null.")
    progress = serializers.SerializerMethodField(help_text="Percent of the audio's seconds, to one decimal.")
    eta_seconds = serializers.SerializerMethodField(help_text="At the speed measured so far; null while unknown.")
    recording = JobRecordingSerializer(read_only=True)
    text_preview = serializers.SerializerMethodField(help_text="The beginning of the text.")
    confidence = serializers.SerializerMethodField(help_text="0 to 1, weighted by duration.")
    language = serializers.SerializerMethodField(help_text="Code such as en, as detected or asked for.")
    coverage = serializers.SerializerMethodField(
        help_text="0 to 1: how much of the speech that was heard has text; null until the text is whole."
    )
    flags = serializers.SerializerMethodField(
        help_text=f"What is wrong with the text as a whole: {', '.join(TRANSCRIPT_FLAGS)}."
    )
    review_spot_count = serializers.SerializerMethodField(help_text="Number of places that somebody should listen to.")
    category = serializers.SerializerMethodField()
    sentiment = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField(help_text="Null unless the job has failed.")
    warning = serializers.CharField(read_only=True, help_text="What the reader should know, such as lost audio.")
    reused_from = serializers.UUIDField(
        source="reused_from_id",
        read_only=True,
        allow_null=True,
        help_text="The job with the same audio that this one waits for or took its text from; it may be deleted since.",
    )

    class Meta:
        model = Job
        fields = (
            "id",
            "state",
            "stage",
            "progress",
            "eta_seconds",
            "created_at",
            "started_at",
            "finished_at",
            "dismissed_at",
            "attempts",
            "recording",
            "text_preview",
            "confidence",
            "language",
            "needs_review",
            "coverage",
            "flags",
            "review_spot_count",
            "category",
            "sentiment",
            "error",
            "warning",
            "reused_from",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Stage.choices, allow_null=True))
    def get_stage(self, job: Job) -> str | None:
        return job.stage or None

    def get_progress(self, job: Job) -> float:
        return round(job.progress, 1)

    def get_eta_seconds(self, job: Job) -> int | None:
        eta = job.estimate_eta(timezone.now())
        return None if eta is None else math.ceil(eta)

    def get_text_preview(self, job: Job) -> str:
        transcript = get_transcript(job)
        return transcript.preview if transcript else ""

    def get_confidence(self, job: Job) -> float | None:
        transcript = get_transcript(job)
        return transcript.confidence if transcript else None

    def get_language(self, job: Job) -> str | None:
        transcript = get_transcript(job)
        return (transcript.language or None) if transcript else None

    def get_coverage(self, job: Job) -> float | None:
        transcript = get_transcript(job)
        return transcript.coverage if transcript else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_flags(self, job: Job) -> list[str]:
        transcript = get_transcript(job)
        return transcript.flags if transcript else []

    def get_review_spot_count(self, job: Job) -> int:
        transcript = get_transcript(job)
        return transcript.review_spot_count if transcript else 0

    @extend_schema_field(CategorySerializer)
    def get_category(self, job: Job) -> dict[str, Any]:
        transcript = get_transcript(job)
        if transcript is None:
            return {"name": None, "score": None, "reason": None}
        return {
            "name": transcript.category or None,
            "score": transcript.category_score,
            "reason": transcript.category_reason or None,
        }

    @extend_schema_field(SentimentSerializer)
    def get_sentiment(self, job: Job) -> dict[str, Any]:
        transcript = get_transcript(job)
        if transcript is None:
            return {"label": None, "score": None}
        return {"label": transcript.sentiment or None, "score": transcript.sentiment_score}

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, Any] | None:
        if job.state != JobState.FAILED:
            return None
        retryable = not reasons.is_lasting_error(job.error_code)
        return {"code": job.error_code, "message": job.error_message, "retryable": retryable}


def get_transcript(job: Job) -> Transcript | None:
    """Return the job's transcript, None before its audio was prepared."""
    return getattr(job, "transcript", None)


class SubmissionSerializer(serializers.Serializer[Any]):
    """A new job: a file to upload, or a stored recording."""

    audio = serializers.FileField(
        required=False,
        allow_empty_file=True,  # the domain refuses it, under a code of its own
        help_text="The audio or video file to transcribe.",
    )
    recording = serializers.UUIDField(required=False, help_text="The id of a recording to transcribe once more.")
    title = serializers.CharField(
        required=False, allow_blank=True, max_length=TITLE_LENGTH, help_text="Otherwise the name of the file."
    )
    language = serializers.CharField(
        required=False,
        allow_blank=True,
        validators=[validate_language],
        help_text="Code of the language spoken, such as en; otherwise it is detected.",
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the same
        choices=Source.choices,
        default=Source.UPLOADED,
        initial=Source.UPLOADED,
        help_text="Recorded on the spot, or uploaded.",
    )
    force = serializers.BooleanField(
        default=False, help_text="Transcribe the file also where its text is here already, from the same audio."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("audio" in attrs) == ("recording" in attrs):
            raise serializers.ValidationError({"audio": ["Send either a file or the id of a recording."]})
        return attrs


class EmptyBodySerializer(serializers.Serializer[Any]):
    """For calls that need no more than their address."""


class JobEventSerializer(serializers.ModelSerializer[JobEvent]):
    """One event of a job.

    `actor` is who asked for it, null when a worker did it. Of an error's text it has the line that says most; all of it
    is in the admin, for the people who run the server.
    """

    actor = serializers.CharField(source="actor.username", default=None, read_only=True, allow_null=True)
    details = serializers.SerializerMethodField(help_text="Such as the step, the worker and the engine.")

    class Meta:
        model = JobEvent
        fields = ("id", "kind", "state", "reason", "actor", "details", "created_at")
        read_only_fields = fields

    def get_details(self, event: JobEvent) -> dict[str, Any]:
        told = {"detail": failures.clean_detail(str(event.details["detail"]))} if "detail" in event.details else {}
        return {**event.details, **told}
