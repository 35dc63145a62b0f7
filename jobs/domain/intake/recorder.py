"""Recordings that arrive while they are made.

They are opened, added to in parts, and finished.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from jobs import conf
from jobs.domain.base import engines, notes, storage
from jobs.domain.intake import quota, submit
from jobs.errors import PartsMissing, RecordingClosed, RecordingEmpty
from jobs.models import Job, Recording, RecordingQuerySet, Upload
from jobs.models.recording import Source
from jobs.states import RecordingState
from jobs.validators import clean_title

if TYPE_CHECKING:
    from accounts.models import User


# At most this many unfinished recordings are offered at once; others follow.
MOST_LEFT = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """A recorder's changes to its recording.

    What it leaves out stays as it was.
    """

    title: str = ""
    language: str | None = None
    marks: list[dict[str, Any]] | None = field(default=None)
    losses: list[dict[str, Any]] | None = field(default=None)


def open_recording(owner: "User", key: str, changes: Changes) -> tuple[Recording, bool]:
    """Return a recorder's recording and whether it is new.

    It is that of `owner` under the recorder's own `key`.

    Raises:
        DiskFull: the disk has too little free space.
        QuotaExceeded: the quota of `owner` is used up.
        UnsupportedLanguage: the model does not know it.
    """
    if (earlier := Recording.objects.owned_by(owner).filter(key=key).first()) is not None:
        return earlier, False
    storage.check_free_space()
    quota.check_quota(owner)
    engines.check_language(changes.language or "")
    recording = Recording(owner=owner, key=key, source=Source.RECORDED, state=RecordingState.RECEIVING)
    apply_changes(recording, changes)
    recording.title = recording.title or submit.UNTITLED
    try:
        with transaction.atomic():
            recording.save(force_insert=True)
    except IntegrityError:  # a duplicate of this request was first
        return Recording.objects.get(owner=owner, key=key), False
    return recording, True


def apply_changes(recording: Recording, changes: Changes) -> None:
    """Set the changed fields without storing them."""
    for name, value in list_given(changes).items():
        setattr(recording, name, value)


def list_given(changes: Changes) -> dict[str, Any]:
    """Return the sent changes by column.

    A surplus of notes is cut: refused, it would keep the recording from its end.
    """
    columns = {
        "title": clean_title(changes.title) or None,
        "language": changes.language,
        "marks": None if changes.marks is None else changes.marks[: notes.MOST_NOTES],
        "losses": None if changes.losses is None else notes.thin_losses(changes.losses),
    }
    return {name: value for name, value in columns.items() if value is not None}


def change_recording(recording: Recording, changes: Changes) -> None:
    """Store a recorder's changes to its unfinished recording.

    Raises:
        UnsupportedLanguage: the model does not know it.
        RecordingClosed: it is finished, or was deleted.
    """
    engines.check_language(changes.language or "")
    apply_changes(recording, changes)
    receiving = Recording.objects.receiving().filter(pk=recording.pk)
    # What is missing here may have come with another request. The state is there for an update without changes.
    if not receiving.update(state=RecordingState.RECEIVING, **list_given(changes)):
        raise RecordingClosed


def finish_recording(recording: Recording, actor: "User | None", changes: Changes, parts: int | None) -> Job:
    """Make a recording ready and return its job.

    Once it is ready the same job is returned. `parts` is how many there are; None accepts those that are here.

    Raises:
        PartsMissing: not all of them are whole.
        RecordingEmpty: nothing is here.
        Recording.DoesNotExist: it was deleted meanwhile.
    """
    with transaction.atomic():
        submit.lock_person(recording.owner)
        current = Recording.objects.select_for_update(no_key=True, of=("self",)).get(pk=recording.pk)
        if current.state == RecordingState.READY and (job := find_job(current)) is not None:
            return job
        close_parts(current, parts)
        apply_changes(current, changes)
        current.state = RecordingState.READY
        current.save()
        return submit.create_job(current, actor=actor, options=submit.build_options(current.language), may_reuse=False)


def find_job(recording: Recording) -> Job | None:
    """Return the first job of a recording, None when it was deleted."""
    return recording.jobs.order_by("created_at").first()


def close_parts(recording: Recording, parts: int | None) -> None:
    """Settle the parts and the bytes of a recording.

    Raises:
        PartsMissing: not all announced parts are whole.
        RecordingEmpty: no byte is here.
    """
    found = {upload.part: upload for upload in recording.parts.all()}
    if parts is not None:
        whole = {part for part, upload in found.items() if upload.finished_at is not None}
        if missing := sorted(set(range(parts)) - whole):
            raise PartsMissing(f"{PartsMissing.message} Missing: {', '.join(map(str, missing))}.")
    sizes = {upload.pk: storage.measure_upload(upload.pk) for upload in found.values()}
    recording.bytes = sum(sizes.values())
    if not recording.bytes:
        raise RecordingEmpty
    for upload in found.values():
        upload.length = upload.received_bytes = sizes[upload.pk]
        upload.finished_at = upload.finished_at or timezone.now()
    Upload.objects.bulk_update(found.values(), ["length", "received_bytes", "finished_at"])


def list_unfinished(owner: "User") -> RecordingQuerySet:
    """Return the unfinished recordings of `owner` by falling age.

    The newest comes first. `heard_at` is when the newest byte came.
    """
    return with_heard_at(Recording.objects.owned_by(owner))


def with_heard_at(recordings: RecordingQuerySet) -> RecordingQuerySet:
    """Return the recordings that still arrive, with `heard_at`.

    It is the time of their newest byte, None before the first.
    """
    return recordings.receiving().annotate(heard_at=Max("parts__touched_at"))


def list_left(owner: "User") -> list[Recording]:
    """Return the recordings that `owner` left unfinished.

    Each has its bytes. Nothing was added to them for a while.
    """
    left = list_unfinished(owner).filter(is_quiet(conf.QUIET_SECONDS))
    return list(left.annotate(received_bytes=Sum("parts__received_bytes", default=0))[:MOST_LEFT])


def is_quiet(seconds: float) -> Q:
    """Return the condition that nothing was added for `seconds`."""
    before = timezone.now() - timedelta(seconds=seconds)
    return Q(heard_at__lt=before) | Q(heard_at=None, created_at__lt=before)


def finish_abandoned() -> int:
    """Finish recordings that were left long ago; return their number.

    Only those of owners who want that.
    """
    wanted = with_heard_at(Recording.objects.filter(owner__finishes_recordings=True))
    finished = 0
    for recording in wanted.filter(is_quiet(conf.get_unfinished_seconds())).select_related("owner"):
        try:
            finish_recording(recording, None, Changes(), None)
        except (RecordingEmpty, Recording.DoesNotExist):
            continue
        finished += 1
    return finished
