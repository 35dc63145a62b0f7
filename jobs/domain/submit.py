"""Takes in recordings and makes jobs of them."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from jobs import conf
from jobs.domain import engines, events, nudges
from jobs.domain.clock import now_in_database
from jobs.domain.storage import check_free_space, remove_audio, sync_audio
from jobs.errors import EmptyUpload, UploadTooLarge
from jobs.models import Job, Recording, Step
from jobs.models.recording import Source
from jobs.states import StepKind
from jobs.validators import clean_title

if TYPE_CHECKING:
    from accounts.models import User

UNTITLED = "Untitled recording"


def submit_upload(
    owner: "User", upload: UploadedFile[Any], *, title: str = "", language: str = "", source: str = Source.UPLOADED
) -> Job:
    """Store `upload`, whose handler has set `sha256`, as a recording of `owner`, and make a job for it.

    The file is in place before the rows are committed, so an accepted job always has its audio.

    Raises:
        EmptyUpload: it has no bytes.
        UploadTooLarge: it has more bytes than the settings allow.
        DiskFull: too little space is left.
        UnsupportedLanguage: the model does not know `language`.
    """
    check_upload(upload)
    check_free_space()
    engines.check_language(language)
    name = upload.name or ""
    recording = Recording(
        owner=owner,
        title=clean_title(title) or clean_title(PurePath(name).stem) or UNTITLED,
        original_name=clean_title(name),
        bytes=upload.size or 0,
        sha256=getattr(upload, "sha256"),  # noqa: B009 - set by the upload handler, unknown to the type
        source=source,
    )
    try:
        recording.audio.save(name, upload, save=False)
        sync_audio(recording)
        with transaction.atomic():
            recording.save(force_insert=True)
            return create_job(recording, actor=owner, options=build_options(language))
    except BaseException:
        remove_audio(recording)
        raise


def check_upload(upload: UploadedFile[Any]) -> None:
    """Refuse an upload that is empty or too large. Raises EmptyUpload or UploadTooLarge."""
    if not upload.size:
        raise EmptyUpload
    if upload.size > conf.get_max_upload_bytes():
        raise UploadTooLarge


def submit_recording(recording: Recording, *, actor: "User", language: str = "") -> Job:
    """Make another job for a recording that is here already.

    Raises:
        DiskFull: too little space is left.
        UnsupportedLanguage: the model does not know `language`.
        Recording.DoesNotExist: it was deleted meanwhile.
    """
    check_free_space()
    engines.check_language(language)
    with transaction.atomic():
        Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)
        return create_job(recording, actor=actor, options=build_options(language))


def build_options(language: str) -> dict[str, Any]:
    """Return a job's options, without those that were left open."""
    return {"language": language} if language else {}


def create_job(recording: Recording, *, actor: "User", options: dict[str, Any]) -> Job:
    """Insert a pending job with its first step and event, and nudge the workers."""
    with transaction.atomic():
        job = Job.objects.create(recording=recording, owner=recording.owner, options=options)
        Step.objects.create(job=job, owner_id=recording.owner_id, kind=StepKind.PREPARE, runnable_at=now_in_database())
        events.record_event(job, events.CREATED, actor=actor)
        nudges.send_nudges(1)
    return job
