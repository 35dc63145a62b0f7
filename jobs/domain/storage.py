"""Where audio lies: the stored recordings, the working copies, and how much room is left."""

import os
import shutil
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings

from jobs import conf
from jobs.errors import AudioMissing, DiskFull, WorkingCopyMissing
from jobs.models import Job, Recording
from jobs.states import ACTIVE_STATES

STALE_UPLOAD_SECONDS = 24 * 3600


def get_audio_path(recording: Recording) -> Path:
    """Return the local path of a recording's audio.

    Raises:
        AudioMissing: the file is gone.
    """
    path = Path(recording.audio.path)
    if not path.is_file():
        raise AudioMissing
    return path


def sync_audio(recording: Recording) -> None:
    """Make sure that a recording's stored file survives a power cut, before its row says that it is there."""
    path = Path(recording.audio.path)
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def get_working_copy(job_id: UUID) -> Path:
    """Return where a job's working copy (16 kHz mono 16-bit WAV) lies once it has been prepared."""
    return conf.get_working_dir() / f"{job_id}.wav"


def find_working_copy(job_id: UUID, length: int) -> Path:
    """Return where a job's working copy lies, which must have at least `length` bytes.

    Raises:
        WorkingCopyMissing: it is gone, or cut off, as a power cut may leave it.
    """
    path = get_working_copy(job_id)
    if not path.is_file() or path.stat().st_size < length:
        raise WorkingCopyMissing
    return path


def get_draft_copy(job_id: UUID, token: str) -> Path:
    """Return where one claim writes its working copy before it may take its place."""
    conf.get_working_dir().mkdir(parents=True, exist_ok=True)
    return conf.get_working_dir() / f"{job_id}.{token.rpartition(':')[2]}.draft"


def remove_working_copy(job_id: UUID) -> None:
    """Delete a job's working copy and drafts of it."""
    for path in conf.get_working_dir().glob(f"{job_id}.*"):
        path.unlink(missing_ok=True)


def remove_files(recording: Recording, job_ids: list[UUID]) -> None:
    """Delete all that is kept of a deleted recording: the working copies of its jobs, and its audio."""
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
    """Delete working copies whose job has ended or gone, and uploads that broke off more than a day ago."""
    for path in conf.get_working_dir().glob("*"):
        if not is_in_use(path):
            path.unlink(missing_ok=True)
    oldest = time.time() - STALE_UPLOAD_SECONDS
    for path in Path(settings.TEMPORARY_DIR).glob("*"):
        if read_change_time(path) < oldest:
            path.unlink(missing_ok=True)


def is_in_use(working_copy: Path) -> bool:
    """Whether a file among the working copies belongs to a job that is still to be done."""
    try:
        job_id = UUID(working_copy.name.partition(".")[0])
    except ValueError:
        return False
    return Job.objects.filter(pk=job_id, state__in=ACTIVE_STATES).exists()


def read_change_time(path: Path) -> float:
    """Return when a file was last written, in seconds since the epoch; now for one that has just gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
