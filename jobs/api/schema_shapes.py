"""The shapes of transcripts and errors for the schema alone.

They are made elsewhere.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine import SEGMENT_FLAGS, SPOT_FLAGS, TRANSCRIPT_FLAGS
from jobs.states import LossReason

# No choices: more may come, which must not break a program that knows only these.
NAMES_OF_SPOTS = ", ".join(SPOT_FLAGS)
NAMES_OF_NOTES = ", ".join(["mark", *LossReason.values])
NAMES_OF_TRANSCRIPTS = ", ".join(TRANSCRIPT_FLAGS)


class WordSerializer(serializers.Serializer[Any]):
    """A word.

    Times are seconds from the start of the recording.
    """

    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    probability = serializers.FloatField()


class SegmentSerializer(serializers.Serializer[Any]):
    """A stretch of speech.

    Times are seconds from the start of the recording.
    """

    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    confidence = serializers.FloatField()
    words = WordSerializer(many=True)
    flags = serializers.ListField(
        child=serializers.CharField(), help_text=f"Why it may be wrong: {', '.join(SEGMENT_FLAGS)}."
    )


class ReviewSpotSerializer(serializers.Serializer[Any]):
    """A spot to listen to.

    Times are seconds from the start of the recording.
    """

    start = serializers.FloatField()
    end = serializers.FloatField()
    flags = serializers.ListField(child=serializers.CharField(), help_text=f"Why: {NAMES_OF_SPOTS}.")


class NoteSerializer(serializers.Serializer[Any]):
    """A note made while recording.

    Times are seconds from the start of the recording.
    """

    start = serializers.FloatField()
    end = serializers.FloatField()
    kind = serializers.CharField(help_text=f"{NAMES_OF_NOTES}.")
    text = serializers.CharField()


class TranscriptSerializer(serializers.Serializer[Any]):
    """A transcript as JSON."""

    text = serializers.CharField()
    speech_found = serializers.BooleanField(help_text="False where there is no text, or none so far.")
    seconds = serializers.FloatField()
    language = serializers.CharField(allow_null=True)
    language_probability = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(
        allow_null=True, help_text="0 to 1: how much of the speech that was heard has text; null where none was heard."
    )
    flags = serializers.ListField(
        child=serializers.CharField(), help_text=f"What is wrong with the whole: {NAMES_OF_TRANSCRIPTS}."
    )
    review_spots = ReviewSpotSerializer(many=True)
    notes = NoteSerializer(many=True)
    segments = SegmentSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """The problem that stopped a request (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
