"""Joins the parts of a recording, before its audio is prepared for the first time."""

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
# Taking packets over is quick; writing them anew as another codec is the slow case.
JOIN_SPEED = 20.0
FOUND_BY_JOINING = ["audio", "bytes", "sha256", "media_type", "losses"]


def join_recording(lease: leases.Lease) -> None:
    """Put together the parts of the recording whose prepare step is held by `lease`; they are deleted once that holds.

    Another job of the recording may be first; then what that one has joined is taken over.

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
    """Return the files of the parts in order, without parts that have no byte. Raises AudioMissing."""
    parts = list(recording.parts.filter(received_bytes__gt=0).order_by("part"))
    if not parts or not all(storage.measure_upload(part.pk) for part in parts):
        raise AudioMissing
    return [storage.get_upload_path(part.pk) for part in parts]


def take_joined(recording: Recording) -> bool:
    """Read what another job has joined; return whether there is such."""
    if not Recording.objects.filter(pk=recording.pk).exclude(audio="").exists():
        return False
    recording.refresh_from_db(fields=FOUND_BY_JOINING)
    return True


def store_joined(lease: leases.Lease, draft: Path, joined: JoinedFile) -> None:
    """Put the joined file in its place and store what was found, in one transaction of the lease's holder. Raises LeaseLost."""
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
    """Return where parts could not be read: a recorder that dies at once leaves such."""
    starts = [sum(part_seconds[:index]) for index in range(len(part_seconds))]
    return [
        {"start": round(start, 2), "seconds": 0.0, "reason": LossReason.INTERRUPTED.value}
        for start, seconds in zip(starts, part_seconds, strict=True)
        if not seconds
    ]
