"""Transcripts: the segments of a text and the findings about it."""

from typing import Any

from django.db import models

PREVIEW_LENGTH = 280


class Transcript(models.Model):
    """The text of one job.

    It exists from the moment its audio was prepared, and fills as chunks finish.
    """

    job = models.OneToOneField("jobs.Job", on_delete=models.CASCADE, related_name="transcript", primary_key=True)
    text = models.TextField(blank=True)
    preview = models.CharField(max_length=PREVIEW_LENGTH, blank=True)
    words = models.PositiveIntegerField(default=0)
    is_complete = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True)
    language_probability = models.FloatField(null=True)
    confidence = models.FloatField(null=True, help_text="0 to 1, weighted by the segments' length.")
    coverage = models.FloatField(null=True, help_text="0 to 1: how much of the speech that was heard has text.")
    flags: "models.JSONField[list[str]]" = models.JSONField(default=list, help_text="What is wrong with the whole.")
    recording_flags: "models.JSONField[list[str]]" = models.JSONField(
        default=list, help_text="Those of the flags that were found before there was a text."
    )
    gaps: "models.JSONField[list[list[float]]]" = models.JSONField(
        default=list, help_text="[start, end] of each stretch in which sound is missing, in seconds."
    )
    review_spot_count = models.PositiveIntegerField(
        default=0, help_text="Number of places that somebody should listen to."
    )
    sentiment = models.CharField(max_length=8, blank=True)
    sentiment_score = models.FloatField(null=True, help_text="-1 to 1")
    category = models.CharField(max_length=60, blank=True, db_index=True)
    category_score = models.FloatField(null=True)
    category_reason = models.CharField(max_length=40, blank=True, help_text="Why there is no category.")

    def __str__(self) -> str:
        return self.preview


class Segment(models.Model):
    """A stretch of speech with its text.

    It is written once, when its chunk is done.
    """

    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, related_name="segments")
    chunk = models.ForeignKey("jobs.Step", on_delete=models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField(help_text="Place within its chunk.")
    start = models.FloatField(help_text="Seconds from the start of the recording.")
    end = models.FloatField(help_text="Seconds from the start of the recording.")
    text = models.TextField()
    confidence = models.FloatField(help_text="0 to 1")
    words: "models.JSONField[list[list[Any]]]" = models.JSONField(
        default=list, help_text="[start, end, text, probability] of each word."
    )
    flags: "models.JSONField[list[str]]" = models.JSONField(default=list, help_text="Why the text may be wrong.")

    class Meta:
        ordering = ["job", "start", "index"]
        constraints = [models.UniqueConstraint(fields=["chunk", "index"], name="segment_once")]
        indexes = [models.Index(fields=["job", "start", "index"], name="segment_job_order")]

    def __str__(self) -> str:
        return self.text
