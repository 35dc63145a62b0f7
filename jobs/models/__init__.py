"""The tables: recordings, uploads, jobs, their steps and chunks, transcripts, events and the feed."""

from jobs.models.chunk import Chunk, IsOpen, Step
from jobs.models.event import JobEvent
from jobs.models.feed import FeedEvent
from jobs.models.idempotency import IdempotencyKey
from jobs.models.job import IsFailed, Job
from jobs.models.recording import Recording
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
