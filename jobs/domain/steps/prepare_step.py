"""The first step of a job: decode, find speech and plan chunks.

The audio is probed and decoded once.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from engine import ChunkPlan, Preparation
from foundation.database.clock import now_in_database
from foundation.database.outage import survive_outage
from foundation.database.wakeup import wake_workers
from jobs import conf
from jobs.domain.base import engines, storage
from jobs.domain.feed.touch import touch_after_commit
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import leases
from jobs.domain.queue.heartbeat import Heartbeat
from jobs.domain.steps import join_parts, progress
from jobs.errors import WorkingCopyMissing
from jobs.models import Chunk, Job, Recording, Step, Transcript
from jobs.states import Stage, StepKind, StepState


def prepare_job(lease: leases.Lease) -> None:
    """Do the prepare step held by `lease`.

    The working copy is written as a draft of this claim, and is moved into place only while the lease holds.

    Raises:
        EngineError: the audio cannot be read, or the engine failed.
        AudioMissing: the stored file is gone.
        DiskFull: space ran short meanwhile.
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    job = lease.step.job
    recording = job.recording
    if not recording.audio:
        join_parts.join_recording(lease)
    draft = storage.get_draft_copy(job.pk, lease.token)
    try:
        preparation = engines.holder.get_client().prepare(
            storage.get_audio_path(recording),
            draft,
            language=job.options.get("language"),
            max_seconds=conf.get_max_seconds(),
            timeout=conf.TIME_LIMIT_FLOOR_SECONDS + estimate_longest_seconds(recording) / conf.PREPARE_SPEED,
            on_tick=Heartbeat(lease, check_space=storage.check_free_space),
        )
        survive_outage(lambda: store_preparation(lease, draft, preparation))
    finally:
        draft.unlink(missing_ok=True)


def estimate_longest_seconds(recording: Recording) -> float:
    """Return an upper bound of the recording's length in seconds.

    By its bytes, and by what is accepted.
    """
    return min(recording.bytes / conf.SPARSEST_BYTES_PER_SECOND, conf.get_max_seconds())


def store_preparation(lease: leases.Lease, draft: Path, preparation: Preparation) -> None:
    """Store the working copy and the findings if the lease holds.

    In one transaction.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    job = lease.step.job
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        leases.complete_step(lease, engine=engines.get_engine_name())
        if draft.exists():  # not when this is done again, after a connection that broke before its end
            draft.replace(storage.get_working_copy(job.pk))
        write_findings(job, preparation)


def write_findings(job: Job, preparation: Preparation) -> None:
    """Store the recording's facts, the transcript and the chunks."""
    Recording.objects.filter(pk=job.recording_id).update(
        seconds=preparation.seconds, media_type=preparation.media.media_type, peaks=list(preparation.peaks)
    )
    Transcript.objects.update_or_create(job=job, defaults=describe_sound(preparation))
    # The cards of its other jobs show the recording's length too.
    touch_after_commit(Job.objects.filter(recording=job.recording_id).exclude(pk=job.pk))
    plan_chunks(job, preparation)
    transitions.change_stage(
        job,
        Stage.TRANSCRIBING,
        engine=engines.get_engine_name(),
        model_checksum=engines.identify_model(engines.holder.get_client().config.model),
        warning=describe_loss(preparation),
        transcribing_at=now_in_database(),
    )
    progress.update_progress(job, run_starts=True)
    progress.finish_if_all_chunks_done(job)


def describe_sound(preparation: Preparation) -> dict[str, Any]:
    """Return the transcript's columns that are known before a text."""
    return {
        "language": preparation.language or "",
        "language_probability": preparation.language_probability,
        "recording_flags": list(preparation.flags),
        "gaps": [[span.start, span.end] for span in preparation.gaps],
        # What an earlier run found out about its text holds for that text only.
        "confidence": None,
        "coverage": None,
        "flags": [],
        "review_spot_count": 0,
    }


def plan_chunks(job: Job, preparation: Preparation) -> None:
    """Insert the chunks or open the unfinished ones of an earlier run.

    Done ones stay as they are.
    """
    chunks = Step.objects.filter(job=job, kind=StepKind.CHUNK)
    if is_same_plan(job, preparation):
        opened = chunks.exclude(state=StepState.DONE).update(
            state=StepState.WAITING,
            attempts=0,
            due_at=estimate_end(job, preparation.seconds),
            runnable_at=now_in_database(),
            error_code="",
            seconds_done=0,
        )
    else:
        chunks.delete()
        Step.objects.bulk_create([build_chunk(job, plan, preparation.seconds) for plan in preparation.chunks])
        opened = sum(1 for plan in preparation.chunks if plan.speech)
    wake_workers(Step, opened)


def reopen_preparation(job: Job) -> bool:
    """Have `job` decoded again after a loss of its working copy.

    Finished chunks stay, others wait for the decoding.

    Returns:
        False when that has been tried too often, and nothing was changed.
    """
    steps = Step.objects.filter(job=job)
    reopened = steps.filter(kind=StepKind.PREPARE, state=StepState.DONE, attempts__lt=conf.get_max_attempts()).update(
        state=StepState.WAITING, runnable_at=now_in_database()
    )
    if not reopened:
        return False
    transitions.close_open_steps(job, WorkingCopyMissing.code, kind=StepKind.CHUNK)
    transitions.change_stage(job, Stage.PREPARING)
    wake_workers(Step)
    return True


def is_same_plan(job: Job, preparation: Preparation) -> bool:
    """Whether an earlier run cut the same audio at the same places."""
    planned = [(plan.offset, plan.length) for plan in preparation.chunks]
    return planned == list(Chunk.objects.filter(job=job).order_by("index").values_list("offset", "length"))


def build_chunk(job: Job, plan: ChunkPlan, job_seconds: float) -> Step:
    """Return the row of one planned chunk.

    One without speech is done already.
    """
    is_silent = not plan.speech
    return Step(
        job=job,
        owner_id=job.owner_id,
        kind=StepKind.CHUNK,
        index=plan.index,
        state=StepState.DONE if is_silent else StepState.WAITING,
        due_at=estimate_end(job, job_seconds),
        runnable_at=now_in_database(),
        start=plan.start,
        end=plan.end,
        offset=plan.offset,
        length=plan.length,
        speech=[[span.start, span.end] for span in plan.speech],
        seconds_done=plan.seconds if is_silent else 0.0,
    )


def estimate_end(job: Job, seconds: float) -> datetime:
    """Return the due time of a run's steps.

    It is when `seconds` of audio would be done in real time, from the start of this run.
    """
    return (job.started_at or job.created_at) + timedelta(seconds=seconds)


def describe_loss(preparation: Preparation) -> str:
    """Return the warning about a partly decoded file, or ""."""
    if not preparation.truncated:
        return ""
    if preparation.lost_seconds:
        return (
            f"The file is damaged or cut off: about {preparation.lost_seconds:.0f} seconds of it could not be read. "
            "What could be read is transcribed."
        )
    return "The file is damaged or cut off. What could be read is transcribed; the rest is missing."
