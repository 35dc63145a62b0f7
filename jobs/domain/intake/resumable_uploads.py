"""Ingests resumable uploads: files, and the parts of recordings."""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import conf
from jobs.domain.base import contents, engines, storage
from jobs.domain.intake import quota, submit
from jobs.errors import RecordingClosed, UploadLengthMismatch, UploadLocked, UploadTooLarge
from jobs.models import Job, Recording, Upload
from jobs.states import RecordingState
from jobs.validators import clean_title

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

# A whole upload that is not ingested after this time has lost its server: another process ingests it.
STRANDED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An upload as announced before its first byte.

    `length` in bytes is None when it is not known yet.
    """

    length: int | None
    name: str = ""
    title: str = ""
    language: str = ""
    metadata: str = ""
    recording_id: UUID | None = None
    part: int = 0


def create_upload(owner: "User", new: NewUpload) -> Upload:
    """Create an upload of `owner`.

    A part that was begun before is returned again.

    Raises:
        UploadTooLarge: it is longer than the settings allow.
        QuotaExceeded: the quota of `owner` is used up.
        DiskFull: the disk has too little free space.
        UnsupportedLanguage: the model does not know it.
        Recording.DoesNotExist: there is no such recording of `owner`.
        RecordingClosed: the recording is finished.
    """
    if new.recording_id is not None:
        return create_part(owner, new, new.recording_id)
    check_length(new.length)
    storage.check_free_space()
    engines.check_language(new.language)
    upload = build_upload(owner, new)
    with transaction.atomic():
        submit.lock_person(owner)  # or else several at once would each fit into the quota
        quota.check_quota(owner, new.length or 0)
        upload.save(force_insert=True)
        make_file(upload)
    return upload


def create_part(owner: "User", new: NewUpload, recording_id: UUID) -> Upload:
    """Return a part of a recording that still arrives.

    Quota and free space were checked when the recording was opened.
    """
    recording = Recording.objects.only("pk", "state").get(pk=recording_id, owner=owner)
    if (earlier := recording.parts.filter(part=new.part).first()) is not None:
        return earlier
    if recording.state != RecordingState.RECEIVING:
        raise RecordingClosed
    upload = build_upload(owner, new)
    upload.recording, upload.part = recording, new.part
    make_file(upload)
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
    except IntegrityError:  # another request has just begun the same part
        storage.remove_uploads([upload.pk])
        return recording.parts.get(part=new.part)
    return upload


def build_upload(owner: "User", new: NewUpload) -> Upload:
    """Return the unsaved row of an upload."""
    return Upload(
        owner=owner,
        length=new.length,
        original_name=clean_title(new.name),
        title=clean_title(new.title),
        language=new.language,
        metadata=new.metadata,
    )


def make_file(upload: Upload) -> None:
    """Make the empty file that the bytes go into."""
    path = storage.get_upload_path(upload.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    storage.sync_folder(path.parent)  # or else a power cut could lose the file with all that was synced into it


def check_length(length: int | None) -> None:
    """Refuse an upload that is too large.

    Raises:
        UploadTooLarge: `length` is above the limit.
    """
    if length is not None and length > conf.get_max_upload_bytes():
        raise UploadTooLarge


class UploadFile:
    """The bytes of an upload for one writer at a time.

    The lock holds on all machines.

    Raises:
        UploadLocked: another writer holds it.
    """

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.limit = conf.get_max_upload_bytes() if upload.length is None else upload.length
        self._file = storage.get_upload_path(upload.pk).open("ab", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise UploadLocked from error
        self.offset = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, data: bytes) -> None:
        """Add bytes at the end.

        Raises:
            UploadLengthMismatch: they are more than were announced.
            UploadTooLarge: they are more than may be sent.
            NotAudio: the file begins like something that holds no sound.
            OSError: the disk is full
            what fitted is kept.
        """
        if self.offset + len(data) > self.limit:
            raise UploadTooLarge if self.upload.length is None else UploadLengthMismatch
        if self.offset == 0 and self.upload.recording_id is None:
            contents.check_contents(data[: contents.LOOK_BYTES])
        rest = memoryview(data)
        while rest:
            written = self._file.write(rest) or 0
            self.offset += written
            rest = rest[written:]

    def sync(self) -> None:
        """Make what is here survive a power cut."""
        os.fsync(self._file.fileno())


def check_open_end(upload: Upload, offset: int) -> None:
    """Refuse more of a file of unknown length beyond the quota.

    A recording that has begun is never cut off.

    Raises:
        QuotaExceeded: the quota of the owner is used up.
    """
    if upload.length is None and upload.recording_id is None:
        quota.check_quota(upload.owner, offset - upload.received_bytes)


def set_length(upload: Upload, length: int, offset: int) -> None:
    """Set a length that the sender announces late.

    Raises:
        UploadLengthMismatch: another was announced, or more bytes are here.
        UploadTooLarge: it is above the limit.
        QuotaExceeded: it does not fit into the owner's quota.
    """
    if upload.length not in {None, length} or length < offset:
        raise UploadLengthMismatch
    check_length(length)
    if upload.length is None and upload.recording_id is None:
        quota.check_quota(upload.owner, length - upload.received_bytes)
    upload.length = length


def store_progress(upload: Upload, offset: int) -> Job | None:
    """Store the progress of an upload and ingest a whole file.

    Returns the job of a file that was ingested. The caller holds its `UploadFile`. One that another process finished
    before that stays as it is.

    Raises:
        RecordingClosed: its part was closed before the end of what came.
        EmptyUpload, DiskFull, User.DoesNotExist, Upload.DoesNotExist: as in `ingest`.
    """
    now, is_whole = timezone.now(), upload.length == offset
    news: dict[str, Any] = {"received_bytes": offset, "touched_at": now}
    if upload.length is not None:  # or else one from another request would be overwritten
        news["length"] = upload.length
    if is_whole and upload.recording_id is not None:
        news["finished_at"] = now
    if not Upload.objects.filter(pk=upload.pk, finished_at=None).update(**news):
        upload.refresh_from_db()
        if upload.recording_id is not None and offset > (upload.length or 0):
            raise RecordingClosed  # what came last may not be in the joined file
        storage.remove_uploads([upload.pk] if upload.recording_id is None else [])
        return upload.job
    for name, value in news.items():
        setattr(upload, name, value)
    return ingest(upload) if is_whole and upload.recording_id is None else None


def ingest(upload: Upload) -> Job:
    """Make a recording and a job of an upload that is whole.

    The file is in place before the rows are committed, so an accepted job always has its audio.

    Raises:
        EmptyUpload: it has no bytes.
        DiskFull: too little space is left.
        User.DoesNotExist: the account was deleted meanwhile.
        Upload.DoesNotExist: the upload was deleted meanwhile.
    """
    path = storage.get_upload_path(upload.pk)
    recording = submit.build_stored_recording(upload, storage.hash_file(path))
    with submit.store_with_audio(recording, partial(storage.adopt_file, recording, path, upload.original_name)):
        submit.lock_person(upload.owner)
        current = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        recording.save(force_insert=True)
        options = submit.build_options(upload.language)
        current.job = submit.create_job(recording, actor=upload.owner, options=options, may_reuse=True)
        current.finished_at = timezone.now()
        current.save(update_fields=["job", "finished_at"])
    storage.remove_uploads([upload.pk])
    return current.job


def remove_upload(upload: Upload) -> None:
    """Delete an upload and its bytes.

    What was made of it stays.
    """
    key = upload.pk
    upload.delete()
    storage.remove_uploads([key])


def ingest_stranded() -> int:
    """Ingest whole files of servers that ended; return their number."""
    before = timezone.now() - timedelta(seconds=STRANDED_SECONDS)
    waiting = Upload.objects.filter(recording=None, finished_at=None, length__gt=0, touched_at__lt=before)
    taken = 0
    for upload in waiting.select_related("owner"):
        if upload.length == storage.measure_upload(upload.pk):
            with suppress(UploadLocked), UploadFile(upload) as file:
                taken += store_progress(upload, file.offset) is not None
    return taken


def remove_expired() -> int:
    """Delete old unfinished files and old rows; return their number.

    A file is unfinished when nothing was added for long; the rows are those of ingested uploads. One that is added to
    at this moment stays.
    """
    before = timezone.now() - timedelta(seconds=conf.get_upload_expiry_seconds())
    old = Upload.objects.filter(recording=None, touched_at__lt=before)
    return sum(remove_if_left(upload, old) for upload in list(old))


def remove_if_left(upload: Upload, old: "QuerySet[Upload]") -> bool:
    """Delete an upload that is idle and still `old`.

    Returns whether that was so.
    """
    with suppress(UploadLocked), UploadFile(upload):
        if old.filter(pk=upload.pk).delete()[0]:
            storage.remove_uploads([upload.pk])
            return True
    return False
