"""The middle step of a job: one chunk of audio to segments.

They are stored at once.
"""

from django.db import transaction

from engine import ChunkPlan, ChunkTranscript, Span
from engine import Segment as EngineSegment
from foundation.database.outage import survive_outage
from jobs import conf
from jobs.domain.base import engines, storage
from jobs.domain.queue import leases
from jobs.domain.queue.heartbeat import Heartbeat
from jobs.domain.steps import progress
from jobs.models import Chunk, Job, Segment, Step
from jobs.states import StepState

MEASURED_CHUNKS = 20


def transcribe_chunk(lease: leases.Lease) -> None:
    """Do the chunk step held by `lease`.

    The last one makes the finish step runnable.

    Raises:
        EngineError: the engine failed.
        WorkingCopyMissing: the decoded audio is gone, or ends before the chunk does.
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    step, job = lease.step, lease.step.job
    working_copy = storage.find_working_copy(job.pk, step.offset + step.length)
    result = engines.holder.get_client().transcribe(
        working_copy,
        build_plan(step),
        language=job.transcript.language or job.options.get("language"),
        timeout=estimate_time_limit(step),
        on_tick=Heartbeat(lease, seconds=step.end - step.start, report=lambda: progress.update_progress(job)),
    )
    survive_outage(lambda: store_result(lease, job, result))


def build_plan(step: Step) -> ChunkPlan:
    """Return the chunk as the engine knows it."""
    speech = tuple(Span(start, end) for start, end in step.speech)
    return ChunkPlan(step.index, step.start, step.end, step.offset, step.length, speech)


def store_result(lease: leases.Lease, job: Job, result: ChunkTranscript) -> None:
    """Store the segments and the step's end if the lease holds.

    In one transaction, which only the lease's holder can commit.
    """
    step = lease.step
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        leases.complete_step(
            lease,
            engine=engines.get_engine_name(),
            seconds_done=step.end - step.start,
            compute_seconds=result.compute_seconds,
            language=result.language or "",
            untranscribed=[[span.start, span.end] for span in result.untranscribed],
        )
        Segment.objects.bulk_create(
            [build_segment(step, index, segment) for index, segment in enumerate(result.segments)]
        )
        progress.update_progress(job)
        progress.update_preview(job)
        progress.finish_if_all_chunks_done(job)


def build_segment(step: Step, index: int, segment: EngineSegment) -> Segment:
    """Return the row of one segment."""
    return Segment(
        job_id=step.job_id,
        chunk=step,
        index=index,
        start=segment.start,
        end=segment.end,
        text=segment.text.strip(),
        confidence=segment.confidence,
        words=[[word.start, word.end, word.text, word.probability] for word in segment.words],
        flags=list(segment.flags),
    )


def estimate_time_limit(step: Step) -> float:
    """Return the seconds that a chunk may take.

    That is its speech at the recent speed of its engine, with a margin. Only speech counts, since silence costs
    nothing: a few pauses would promise a speed that no dense chunk keeps.
    """
    recent = (
        Chunk.objects.filter(state=StepState.DONE, compute_seconds__gt=0)
        .order_by("-pk")
        .values_list("job__engine", "speech", "compute_seconds")[:MEASURED_CHUNKS]
    )
    measured = [(sum_speech(speech), used or 0.0) for engine, speech, used in recent if engine == step.job.engine]
    audio = sum(seconds for seconds, _ in measured)
    compute = sum(used for _, used in measured)
    speed = audio / compute if audio else conf.ASSUMED_SPEED
    return compute_time_limit(sum_speech(step.speech), speed)


def compute_time_limit(seconds: float, speed: float = conf.ASSUMED_SPEED) -> float:
    """Return the time limit for `seconds` of audio.

    At `speed`, seconds of audio a second, with the margin and the floor.
    """
    return max(conf.TIME_LIMIT_FLOOR_SECONDS, seconds / speed * conf.TIME_LIMIT_MARGIN)


def sum_speech(speech: list[list[float]]) -> float:
    """Return the seconds of some stretches of speech."""
    return sum(end - start for start, end in speech)
