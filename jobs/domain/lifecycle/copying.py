"""Copies the findings of one job to another.

Inside the database: a day of audio has tens of thousands of rows.
"""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, UUIDField

from jobs.models import Job, Recording, Segment, Step, Transcript

# No worker did the rows of a copy, and they took no time: speed and fair order are measured from what workers did.
UNDONE = {"attempts": 0, "claimed_by": "", "claimed_at": None, "finished_at": None, "compute_seconds": None}
# A segment belongs to a chunk, whose copy is the step of the same kind and index.
COPIED_CHUNK = """(
    SELECT copy.id FROM jobs_step AS original
    JOIN jobs_step AS copy ON copy.kind = original.kind AND copy."index" = original."index"
    WHERE original.id = old.chunk_id AND copy.job_id = %s
)"""


def copy_result(source: Job, target: Job) -> None:
    """Copy all findings of `source` to `target` and its recording.

    These are transcript, steps, segments, and the audio's facts. Each table takes one statement, in which no row leaves
    the database; only the transcript's columns are rewritten. To be called in the transaction that completes `target`,
    which must have no steps and no transcript.
    """
    facts = Recording.objects.values("seconds", "media_type", "peaks").get(pk=source.recording_id)
    Recording.objects.filter(pk=target.recording_id).update(**facts)
    copy_rows(Transcript, source, target, {})
    copy_rows(Step, source, target, {name: ("%s", value) for name, value in UNDONE.items()})
    copy_rows(Segment, source, target, {"chunk_id": (COPIED_CHUNK, encode_id(target.pk))})


def copy_rows(model: type[Model], source: Job, target: Job, replaced: dict[str, tuple[str, Any]]) -> None:
    """Insert the rows of `model` of `source` for `target`.

    `replaced` has the SQL of some columns, each with one parameter.
    """
    meta = model._meta  # noqa: SLF001 - Django documents it
    names = [field.column for field in meta.concrete_fields if field.column and field.column != "id"]
    replaced = {"job_id": ("%s", encode_id(target.pk)), **replaced}
    values = ", ".join(replaced[name][0] if name in replaced else f'old."{name}"' for name in names)
    parameters = [replaced[name][1] for name in names if name in replaced]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = (
        f'INSERT INTO "{meta.db_table}" ({columns}) SELECT {values} FROM "{meta.db_table}" AS old '  # noqa: S608 - names of our own tables and columns
        f'WHERE old.job_id = %s ORDER BY old."{meta.pk.column}"'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, encode_id(source.pk)])


def encode_id(key: UUID) -> Any:
    """Return the id of a job as the database stores it."""
    return UUIDField().get_db_prep_value(key, connection)
