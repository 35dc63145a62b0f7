"""The stored audio and the working copies.

The free space is measured here too.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from jobs import conf
from jobs.errors import AudioMissing, DiskFull, RecordingNotJoined, WorkingCopyMissing
from jobs.models import Job, Recording, Upload
from jobs.models.recording import build_audio_path

STALE_UPLOAD_SECONDS = 24 * 3600


def get_audio_path(recording: Recording) -> Path:
    """Return the local path of a recording's audio.

    Raises:
        RecordingNotJoined: its parts are not put together yet.
        AudioMissing: the file is gone.
    """
    if not recording.audio:
        raise RecordingNotJoined
    path = Path(recording.audio.path)
    if not path.is_file():
        raise AudioMissing
    return path


def sync_audio(recording: Recording) -> None:
    """Make a recording's stored file survive a power cut.

    To be called before its row says that it is there.
    """
    path = Path(recording.audio.path)
    for place in (path, path.parent, path.parent.parent):
        sync_folder(place)


def sync_folder(place: Path) -> None:
    """Make a file or a folder's names survive a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def get_upload_path(upload_id: UUID) -> Path:
    """Return the path of an upload's bytes until they are ingested."""
    return conf.get_uploads_dir() / str(upload_id)


def measure_upload(upload_id: UUID) -> int:
    """Return how many bytes of an upload are here."""
    try:
        return get_upload_path(upload_id).stat().st_size
    except FileNotFoundError:
        return 0


def remove_uploads(upload_ids: Iterable[UUID]) -> None:
    """Delete the bytes of uploads."""
    for upload_id in upload_ids:
        get_upload_path(upload_id).unlink(missing_ok=True)


def adopt_file(recording: Recording, path: Path, name: str) -> None:
    """Hard-link the file at `path` as the audio of `recording`.

    The bytes are not copied. The suffix is that of `name`.
    """
    recording.audio.name = build_audio_path(recording, name)
    target = Path(recording.audio.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(path)
    except OSError:  # a file system without links
        shutil.copyfile(path, target)
    sync_audio(recording)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def get_working_copy(job_id: UUID) -> Path:
    """Return the path of a job's working copy.

    It is a 16 kHz mono 16-bit WAV, there once it has been prepared.
    """
    return conf.get_working_dir() / f"{job_id}.wav"


def find_working_copy(job_id: UUID, length: int) -> Path:
    """Return the path of a job's whole working copy.

    It must have at least `length` bytes.

    Raises:
        WorkingCopyMissing: it is gone, or cut off, as a power cut may leave it.
    """
    path = get_working_copy(job_id)
    if not path.is_file() or path.stat().st_size < length:
        raise WorkingCopyMissing
    return path


def get_draft_copy(job_id: UUID, token: str) -> Path:
    """Return the path of one claim's draft of a working copy.

    It may become the working copy later.
    """
    conf.get_working_dir().mkdir(parents=True, exist_ok=True)
    return conf.get_working_dir() / f"{job_id}.{token.rpartition(':')[2]}.draft"


def remove_working_copy(job_id: UUID) -> None:
    """Delete a job's working copy and drafts of it."""
    for path in conf.get_working_dir().glob(f"{job_id}.*"):
        path.unlink(missing_ok=True)


def remove_files(recording: Recording, job_ids: list[UUID], upload_ids: list[UUID]) -> None:
    """Delete all files of a deleted recording.

    They are the working copies of its jobs, its audio and its parts.
    """
    remove_uploads(upload_ids)
    for job_id in job_ids:
        remove_working_copy(job_id)
    remove_audio(recording)


def remove_audio(recording: Recording) -> None:
    """Delete a recording's stored file and the folder that held only it."""
    recording.audio.delete(save=False)
    folder = Path(settings.MEDIA_ROOT) / "recordings" / str(recording.pk)
    shutil.rmtree(folder, ignore_errors=True)


def measure_free_bytes() -> int:
    """Return how many bytes are free on the data folder's disk."""
    return shutil.disk_usage(conf.get_data_dir()).free


def has_free_space() -> bool:
    """Whether more is free than the settings want to keep."""
    return measure_free_bytes() >= conf.get_min_free_bytes()


def check_free_space() -> None:
    """Refuse when less is free than the settings want to keep.

    Raises:
        DiskFull: it is.
    """
    if not has_free_space():
        raise DiskFull


def remove_stale_files() -> None:
    """Delete working copies and uploads that are of no use.

    A copy is so when its job has ended or gone.
    """
    for path in conf.get_working_dir().glob("*"):
        if not is_in_use(path):
            path.unlink(missing_ok=True)
    oldest = time.time() - STALE_UPLOAD_SECONDS
    for path in Path(settings.TEMPORARY_DIR).glob("*"):
        if read_change_time(path) < oldest:
            path.unlink(missing_ok=True)
    for path in conf.get_uploads_dir().glob("*"):
        if read_change_time(path) < oldest and not is_awaited(path):
            path.unlink(missing_ok=True)


def is_awaited(upload: Path) -> bool:
    """Whether an upload's file is still to be ingested."""
    try:
        upload_id = UUID(upload.name)
    except ValueError:
        return False
    return Upload.objects.filter(pk=upload_id, finished_at=None).exists() or (
        Upload.objects.filter(pk=upload_id, recording__isnull=False).exists()
    )


def is_in_use(working_copy: Path) -> bool:
    """Whether a working copy belongs to an active job."""
    try:
        job_id = UUID(working_copy.name.partition(".")[0])
    except ValueError:
        return False
    return Job.objects.active().filter(pk=job_id).exists()


def read_change_time(path: Path) -> float:
    """Return the time of a file's last change in epoch seconds.

    Now for one that has just gone.
    """
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
