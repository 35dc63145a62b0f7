"""The tables of jobs and of all around them."""

from jobs.models.feed_event import FeedEvent
from jobs.models.idempotency_key import IdempotencyKey
from jobs.models.job import IsFailed, Job
from jobs.models.job_event import JobEvent
from jobs.models.recording import Recording
from jobs.models.step import Chunk, IsOpen, Step
from jobs.models.transcript import Segment, Transcript
from jobs.models.upload import Upload

__all__ = [
    "Chunk",
    "FeedEvent",
    "IdempotencyKey",
    "IsFailed",
    "IsOpen",
    "Job",
    "JobEvent",
    "Recording",
    "Segment",
    "Step",
    "Transcript",
    "Upload",
]
