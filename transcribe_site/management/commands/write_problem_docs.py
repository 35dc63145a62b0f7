"""Writes the tables of errors in docs/problems.md from the rows in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from engine import ERRORS
from foundation.problems import STANDARD, ProblemRow
from jobs.audio_response import OUTSIDE
from jobs.errors import JobError
from jobs.live import streams_wsgi
from jobs.tus import tus_wsgi
from jobs.tus.tus_app import VERSION_UNKNOWN
from jobs.tus.tus_headers import HEADER_INVALID
from notifications.api.notification_views import DELIVERY_OPEN, TOO_MANY_TARGETS
from versioning.middleware import VERSION_MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine import EngineError

PATH = settings.BASE_DIR / "docs" / "problems.md"
REQUEST_ROWS: tuple[ProblemRow, ...] = (
    *STANDARD.values(),
    VERSION_MISMATCH,
    TOO_MANY_TARGETS,
    DELIVERY_OPEN,
    VERSION_UNKNOWN,
    HEADER_INVALID,
    OUTSIDE,
    streams_wsgi.NEEDS_ASGI,
    tus_wsgi.NEEDS_ASGI,
)
JOB_ROWS = (JobError, *JobError.__subclasses__())
LASTING = "The same job would always fail with it, so its `error.retryable` is false."


class Command(BaseCommand):
    """`manage.py write_problem_docs`: to be run after a change of an error's words."""

    help = "Writes the tables of errors in docs/problems.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        PATH.write_text(write_tables(PATH.read_text(encoding="utf-8")), encoding="utf-8")


def write_tables(text: str) -> str:
    """Return the page `text` with its tables of errors as the code has them."""
    text = replace_table(text, "## Requests", write_request_table())
    text = replace_table(text, "## Recordings and jobs", write_job_table())
    return replace_table(text, "## Speech to text", write_engine_table())


def replace_table(text: str, heading: str, table: list[str]) -> str:
    """Return `text` with `table` instead of the first table after `heading`."""
    before, _, after = text.partition(f"{heading}\n")
    intro, _, rest = after.partition("\n|")
    _old, _, following = rest.partition("\n\n")
    return f"{before}{heading}\n{intro}\n" + "\n".join(table) + f"\n\n{following}"


def write_request_table() -> list[str]:
    """Return the lines of the table of problems with requests."""
    rows = sorted(REQUEST_ROWS, key=lambda row: row.status)
    return write_table(("code", "status", "what it says", "more"), map(describe_request, rows))


def write_job_table() -> list[str]:
    """Return the lines of the table of errors with recordings and jobs."""
    return write_table(("code", "status", "retryable", "what it says", "more"), map(describe_job, JOB_ROWS))


def write_engine_table() -> list[str]:
    """Return the lines of the table of the engine's errors, without those that jobs have too."""
    listed = {kind.code for kind in JOB_ROWS}
    rows = (kind for code, kind in ERRORS.items() if code not in listed)
    return write_table(("code", "tried again by itself", "what it says", "more"), map(describe_engine, rows))


def write_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    return [f"| {' | '.join(row).replace('  ', ' ')} |" for row in (head, ("---",) * len(head), *rows)]


def describe_request(row: ProblemRow) -> tuple[str, ...]:
    """Return the cells of a problem with a request."""
    return f"`{row.code}`", str(row.status), row.detail, row.note


def describe_job(kind: type[JobError]) -> tuple[str, ...]:
    """Return the cells of an error with recordings or jobs."""
    return f"`{kind.code}`", str(kind.status), describe_retryable(kind), kind.message, describe_note(kind)


def describe_engine(kind: type[EngineError]) -> tuple[str, ...]:
    """Return the cells of an error of the engine."""
    return f"`{kind.code}`", describe_retryable(kind), kind.message, describe_note(kind)


def describe_retryable(kind: type[JobError | EngineError]) -> str:
    """Return whether trying again by itself makes sense."""
    return "yes" if kind.retryable else "no"


def describe_note(kind: type[JobError | EngineError]) -> str:
    """Return what programs should know."""
    return " ".join(filter(None, (kind.note, LASTING if kind.is_lasting else "")))
