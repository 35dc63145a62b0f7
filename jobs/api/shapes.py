"""Shapes that are made elsewhere and only described here: transcripts and errors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class WordSerializer(serializers.Serializer[Any]):
    """A word; times are seconds from the start of the recording."""

    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    probability = serializers.FloatField()


class SegmentSerializer(serializers.Serializer[Any]):
    """A stretch of speech; times are seconds from the start of the recording."""

    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    confidence = serializers.FloatField()
    words = WordSerializer(many=True)


class TranscriptSerializer(serializers.Serializer[Any]):
    """A transcript as JSON."""

    text = serializers.CharField()
    speech_found = serializers.BooleanField(help_text="False where there is no text, or none so far.")
    seconds = serializers.FloatField()
    language = serializers.CharField(allow_null=True)
    language_probability = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    segments = SegmentSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
