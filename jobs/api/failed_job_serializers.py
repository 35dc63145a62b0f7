"""The shapes of failed jobs in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from jobs.api.job_serializers import JobSerializer
from jobs.domain.base import reasons
from jobs.domain.reading import failures
from jobs.models import Job

MOST_JOBS = 1000
CODE_LENGTH = 40


class FailedJobSerializer(JobSerializer):
    """A failed job with advice and the address of its log."""

    advice = serializers.SerializerMethodField(help_text="What to do about it.")
    last_error = serializers.SerializerMethodField(help_text="What the last try said, empty where it said nothing.")
    log = serializers.HyperlinkedIdentityField(view_name="job-events", help_text="Where its events are.")

    class Meta:
        model = Job
        fields = (*JobSerializer.Meta.fields, "advice", "last_error", "log")
        read_only_fields = fields

    def get_advice(self, job: Job) -> str:
        return reasons.advise(job.error_code)

    def get_last_error(self, job: Job) -> str:
        return failures.read_last_error(job)


class FailureGroupSerializer(serializers.Serializer[Any]):
    """The failed jobs of one error code that are not dismissed."""

    error_code = serializers.CharField(source="code")
    title = serializers.CharField(help_text="What happened, in a few words.")
    advice = serializers.CharField(help_text="What to do about it.")
    retryable = serializers.SerializerMethodField(help_text="Whether trying all of them again can help.")
    count = serializers.IntegerField(help_text="How many there are; it stops at 1000.")
    newest = serializers.UUIDField(source="newest.pk", help_text="The one that was submitted last.")

    def get_retryable(self, group: failures.FailureGroup) -> bool:
        return not group.is_lasting


class FailedChoiceSerializer(serializers.Serializer[Any]):
    """The choice of failed jobs by ids or one error code."""

    jobs = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_empty=False, max_length=MOST_JOBS, help_text="Their ids."
    )
    error_code = serializers.CharField(required=False, max_length=CODE_LENGTH, help_text="All that failed with it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("jobs" in attrs) == ("error_code" in attrs):
            raise serializers.ValidationError({"jobs": ["Send either the ids of jobs or an error code."]})
        return attrs


class TallySerializer(serializers.Serializer[Any]):
    """The result of changing many jobs.

    One request works for a few seconds, so call again while some are left.
    """

    done = serializers.IntegerField(help_text="How many changed.")
    skipped = serializers.IntegerField(help_text="How many could not: changed meanwhile, or not there.")
    left = serializers.IntegerField(help_text="How many are left for another call; it stops at 10000.")
