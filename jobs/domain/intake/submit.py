"""Ingests recordings and makes jobs of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from accounts.models import User
from jobs import conf
from jobs.domain.base import contents, engines
from jobs.domain.base.storage import check_free_space, remove_audio, sync_audio
from jobs.domain.feed import events
from jobs.domain.intake import idempotency, quota
from jobs.domain.lifecycle import reuse
from jobs.domain.queue import enqueue
from jobs.errors import EmptyUpload, UploadTooLarge
from jobs.models import Job, Recording, Upload
from jobs.models.recording import Source
from jobs.states import JobState
from jobs.validators import clean_title

if TYPE_CHECKING:
    from jobs.domain.intake.idempotency import KeyedRequest

UNTITLED = "Untitled recording"


def submit_upload(
    owner: User,
    upload: UploadedFile[Any],
    *,
    title: str = "",
    language: str = "",
    source: str = Source.UPLOADED,
    force: bool = False,
    request: "KeyedRequest | None" = None,
) -> Job:
    """Store `upload` as a recording of `owner` with a job.

    Its handler has set `sha256`. The file is in place before the rows are committed, so an accepted job always has its
    audio. Where the owner has the same audio already, its text is reused, or waited for, unless `force`.

    Raises:
        AlreadySubmitted: as in `idempotency.check_request`.
        IdempotencyKeyReused: the same.
        JobDeleted: the same.
        EmptyUpload: it has no bytes.
        UploadTooLarge: it has more bytes than the settings allow.
        NotAudio: it certainly holds no sound.
        QuotaExceeded: `owner` keeps too much already.
        DiskFull: too little space is left.
        UnsupportedLanguage: the model does not know `language`.
    """
    check_if_keyed(request)
    check_upload(upload)
    check_free_space()
    quota.check_quota(owner, upload.size or 0)
    engines.check_language(language)
    recording = build_recording(owner, upload, title, source)
    with store_with_audio(recording, partial(write_audio, recording, upload)):
        lock_person(owner)
        check_if_keyed(request)
        recording.save(force_insert=True)
        job = create_job(recording, actor=owner, options=build_options(language), may_reuse=not force)
        keep_if_keyed(request, job)
    return job


@contextmanager
def store_with_audio(recording: Recording, place_audio: Callable[[], None]) -> Iterator[None]:
    """Place the audio and hold a transaction for the rows.

    Without the rows the audio is deleted.
    """
    is_committing = False
    try:
        place_audio()
        with transaction.atomic():
            yield
            is_committing = True
    except BaseException as error:
        # A connection that breaks during the commit leaves open whether the job was accepted: it may need its audio.
        if not is_committing or isinstance(error, IntegrityError):
            remove_audio(recording)
        raise


def write_audio(recording: Recording, upload: UploadedFile[Any]) -> None:
    """Store an upload's bytes as the audio of `recording`.

    They survive a power cut.
    """
    recording.audio.save(upload.name or "", upload, save=False)
    sync_audio(recording)


def build_recording(owner: User, upload: UploadedFile[Any], title: str, source: str) -> Recording:
    """Return the unsaved row of an upload."""
    name = upload.name or ""
    return Recording(
        owner=owner,
        title=clean_title(title) or clean_title(PurePath(name).stem) or UNTITLED,
        original_name=clean_title(name),
        bytes=upload.size or 0,
        sha256=getattr(upload, "sha256"),  # noqa: B009 - set by the upload handler, unknown to the type
        source=source,
    )


def build_stored_recording(upload: Upload, sha256: str) -> Recording:
    """Return the unsaved row of a file whose bytes are all here.

    Raises:
        EmptyUpload: it has no bytes.
    """
    if not upload.length:
        raise EmptyUpload
    name = upload.original_name
    return Recording(
        owner=upload.owner,
        title=upload.title or clean_title(PurePath(name).stem) or UNTITLED,
        original_name=name,
        bytes=upload.length,
        sha256=sha256,
        source=Source.UPLOADED,
    )


def check_upload(upload: UploadedFile[Any]) -> None:
    """Refuse an upload that is empty, too large or without sound.

    Raises:
        EmptyUpload: it has no bytes.
        UploadTooLarge: it has more bytes than the settings allow.
        NotAudio: it certainly holds no sound.
    """
    if not upload.size:
        raise EmptyUpload
    if upload.size > conf.get_max_upload_bytes():
        raise UploadTooLarge
    upload.seek(0)
    contents.check_contents(upload.read(contents.LOOK_BYTES))
    upload.seek(0)


def submit_recording(
    recording: Recording, *, actor: User, language: str = "", request: "KeyedRequest | None" = None
) -> Job:
    """Make another job for a stored recording.

    It runs whatever text there is.

    Raises:
        AlreadySubmitted: as in `idempotency.check_request`.
        IdempotencyKeyReused: the same.
        JobDeleted: the same.
        DiskFull: too little space is left.
        UnsupportedLanguage: the model does not know `language`.
        Recording.DoesNotExist: it was deleted meanwhile.
    """
    check_if_keyed(request)
    check_free_space()
    engines.check_language(language)
    with transaction.atomic():
        lock_person(actor)
        check_if_keyed(request)
        Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)
        job = create_job(recording, actor=actor, options=build_options(language), may_reuse=False)
        keep_if_keyed(request, job)
    return job


def check_if_keyed(request: "KeyedRequest | None") -> None:
    """Call `idempotency.check_request` for a request with a key."""
    if request is not None:
        idempotency.check_request(request)


def keep_if_keyed(request: "KeyedRequest | None", job: Job) -> None:
    """Keep the job of a request that has a key."""
    if request is not None:
        idempotency.keep_request(request, job)


def lock_person(person: User) -> None:
    """Serialise the submissions of one person until the transaction ends.

    Raises:
        User.DoesNotExist: the account was deleted meanwhile.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)


def build_options(language: str) -> dict[str, Any]:
    """Return a job's options without those that were left open."""
    return {"language": language} if language else {}


def create_job(recording: Recording, *, actor: User | None, options: dict[str, Any], may_reuse: bool) -> Job:
    """Insert a pending job with its event and first step.

    There is no step when another job has, or will have, its text.
    """
    job = Job(
        recording=recording, owner=recording.owner, options=options, model_checksum=engines.describe_model().checksum
    )
    with transaction.atomic():
        duplicate = reuse.find_duplicate(job) if may_reuse else None
        job.reused_from = duplicate
        job.save(force_insert=True)
        record_creation(job, duplicate, actor)
        if duplicate is None:
            enqueue.enqueue_job(job)
        elif duplicate.state == JobState.COMPLETED:
            reuse.complete_by_reuse(job, duplicate)
    return job


def record_creation(job: Job, duplicate: Job | None, actor: User | None) -> None:
    """Store the maker of the job and the duplicate it begins with."""
    if duplicate is None:
        events.record_event(job, events.CREATED, actor=actor)
    else:
        details = {"reused_from": str(duplicate.pk)}
        events.record_event(job, events.CREATED, reason="the same audio is here already", actor=actor, details=details)
