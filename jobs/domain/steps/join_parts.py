"""Joins the parts of a recording before its first preparation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from engine import EngineError, JoinedFile
from foundation.database.outage import survive_outage
from jobs import conf
from jobs.domain.base import engines, storage
from jobs.domain.queue import leases
from jobs.domain.queue.heartbeat import Heartbeat
from jobs.errors import AudioMissing
from jobs.models import Recording, Upload
from jobs.states import LossReason

SUFFIXES = {"webm": ".webm", "ogg": ".ogg", "mp4": ".m4a"}
# Copying packets is quick; encoding them as another codec is the slow case, done at this multiple of real time.
JOIN_SPEED = 20.0
FOUND_BY_JOINING = ["audio", "bytes", "sha256", "media_type", "losses"]


def join_recording(lease: leases.Lease) -> None:
    """Join the parts of the recording of a prepare step.

    They are deleted once the joined file is stored. Another job of the recording may be first; then the file that it
    has joined is used.

    Raises:
        AudioMissing: bytes that had arrived are gone.
        EngineError: none of them can be read, or the engine failed.
        DiskFull: space ran short meanwhile.
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    recording = lease.step.job.recording
    draft = storage.get_draft_copy(lease.step.job_id, lease.token).with_suffix(".joined")
    try:
        joined = engines.holder.get_client().join(
            list_files(recording),
            draft,
            timeout=conf.TIME_LIMIT_FLOOR_SECONDS + recording.bytes / conf.SPARSEST_BYTES_PER_SECOND / JOIN_SPEED,
            on_tick=Heartbeat(lease, check_space=storage.check_free_space),
        )
        recording.sha256 = storage.hash_file(draft)
        recording.losses += find_losses(joined.part_seconds)
        survive_outage(lambda: store_joined(lease, draft, joined))
    except (EngineError, AudioMissing):
        if not take_joined(recording):  # the other job has deleted the parts while they were read here
            raise
    finally:
        draft.unlink(missing_ok=True)


def list_files(recording: Recording) -> list[Path]:
    """Return the files of the non-empty parts in order.

    Raises:
        AudioMissing: there are none, or the bytes of one are gone.
    """
    parts = list(recording.parts.filter(received_bytes__gt=0).order_by("part"))
    if not parts or not all(storage.measure_upload(part.pk) for part in parts):
        raise AudioMissing
    return [storage.get_upload_path(part.pk) for part in parts]


def take_joined(recording: Recording) -> bool:
    """Read what another job has joined; return whether there is any."""
    if not Recording.objects.filter(pk=recording.pk).exclude(audio="").exists():
        return False
    recording.refresh_from_db(fields=FOUND_BY_JOINING)
    return True


def store_joined(lease: leases.Lease, draft: Path, joined: JoinedFile) -> None:
    """Store the joined file and its facts if the lease holds.

    In one transaction.

    Raises:
        LeaseLost: the step was taken over, cancelled or deleted.
    """
    recording = lease.step.job.recording
    with transaction.atomic():
        leases.lock_claimed_job(lease)
        lease.check()
        Recording.objects.select_for_update(no_key=True).only("pk").get(pk=recording.pk)
        if take_joined(recording):
            return
        keys = list(Upload.objects.filter(recording=recording).values_list("pk", flat=True))
        storage.adopt_file(recording, draft, f"joined{SUFFIXES[joined.container]}")
        recording.bytes, recording.media_type = draft.stat().st_size, joined.media_type
        recording.save(update_fields=FOUND_BY_JOINING)
        Upload.objects.filter(pk__in=keys).delete()
        transaction.on_commit(lambda: storage.remove_uploads(keys), robust=True)


def find_losses(part_seconds: Sequence[float]) -> list[dict[str, Any]]:
    """Return a loss for each unreadable part.

    A recorder that dies at once leaves such parts.
    """
    starts = [sum(part_seconds[:index]) for index in range(len(part_seconds))]
    return [
        {"start": round(start, 2), "seconds": 0.0, "reason": LossReason.INTERRUPTED.value}
        for start, seconds in zip(starts, part_seconds, strict=True)
        if not seconds
    ]
