"""The tables of jobs and of all around them."""

from jobs.models.feed_event import FeedEvent
from jobs.models.idempotency_key import IdempotencyKey
from jobs.models.job import Job, JobQuerySet
from jobs.models.job_event import JobEvent
from jobs.models.recording import Recording, RecordingQuerySet
from jobs.models.step import Chunk, Step
from jobs.models.transcript import Segment, Transcript
from jobs.models.upload import Upload

__all__ = [
    "Chunk",
    "FeedEvent",
    "IdempotencyKey",
    "Job",
    "JobEvent",
    "JobQuerySet",
    "Recording",
    "RecordingQuerySet",
    "Segment",
    "Step",
    "Transcript",
    "Upload",
]
