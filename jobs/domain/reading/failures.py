"""Failed jobs with their groups and last errors.

The most frequent group comes first.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery

from jobs.domain.base.reasons import advise, describe_code, is_lasting_error
from jobs.domain.feed import events
from jobs.domain.reading.queries import COUNT_LIMIT, visible_jobs
from jobs.errors import RetryPointless
from jobs.models import Job, JobEvent, JobQuerySet
from jobs.states import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User

DETAIL_LENGTH = 200
# An error's name at the end of a Python traceback.
ERROR_NAME = re.compile(r"[\w.]*(?:Error|Exception|Warning)\b")
# A file path of the server in a program's words.
FILE_PATH = re.compile(r"(?<![\w:/])(?:~|\.{1,2})?/[^\s'\",;:()]+")
# One step in the index for each kind, however many jobs have it (https://wiki.postgresql.org/wiki/Loose_indexscan);
# what is constant stands in the text, as IsFailed explains.
GROUPS_QUERY = """
WITH RECURSIVE kinds(code) AS (
    SELECT MIN(error_code) FROM jobs_job WHERE {dead}
    UNION ALL
    SELECT (SELECT MIN(error_code) FROM jobs_job WHERE {dead} AND error_code > kinds.code)
    FROM kinds WHERE kinds.code IS NOT NULL
), newest AS (
    SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM jobs_job WHERE {dead} AND error_code = kinds.code LIMIT %s) AS bounded)
               AS number,
           (SELECT id FROM jobs_job WHERE {dead} AND error_code = kinds.code ORDER BY created_at DESC, id DESC LIMIT 1)
               AS id
    FROM kinds WHERE kinds.code IS NOT NULL
)
SELECT jobs_job.id, jobs_job.error_code, jobs_job.created_at, jobs_job.finished_at, newest.number
FROM newest JOIN jobs_job ON jobs_job.id = newest.id
"""
DEAD_OF_ALL = "state = 'failed' AND dismissed_at IS NULL"
DEAD_OF_ONE = f"{DEAD_OF_ALL} AND owner_id = %s"


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The failed jobs of one error code, none dismissed.

    `count` stops at a limit, `newest` is one of them.
    """

    code: str
    count: int
    newest: Job

    @property
    def title(self) -> str:
        """The error of all of them in a few words."""
        return describe_code(self.code)

    @property
    def advice(self) -> str:
        """The advice about them."""
        return advise(self.code)

    @property
    def is_lasting(self) -> bool:
        """Whether the cause lies in the files.

        Trying all of them again is then pointless.
        """
        return is_lasting_error(self.code)


def group_failures(owner: "User | None", limit: int = COUNT_LIMIT) -> list[FailureGroup]:
    """Return the groups of failed jobs by falling frequency.

    Those of `owner`, or of all people for None; one query.
    """
    dead = DEAD_OF_ONE if owner else DEAD_OF_ALL
    scope = [owner.pk] if owner else []
    jobs = Job.objects.raw(GROUPS_QUERY.format(dead=dead), [*scope, *scope, *scope, limit, *scope])
    groups = [FailureGroup(job.error_code, getattr(job, "number"), job) for job in jobs]  # noqa: B009 - of the query
    return sorted(groups, key=lambda group: (-group.count, group.code))


def dead_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that are not dismissed.

    All, those among the ids `jobs`, or those of one code.
    """
    return narrow_down(visible_jobs(user).dead(), jobs, error_code)


def dismissed_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that are dismissed.

    All, those among the ids `jobs`, or those of one code.
    """
    return narrow_down(visible_jobs(user).dismissed(), jobs, error_code)


def retryable_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that may be retried together.

    Some by their ids, or those of a code that are not dismissed.

    Raises:
        RetryPointless: the code says that the cause lies in the files.
    """
    if error_code is None:
        return narrow_down(visible_jobs(user).failed(), jobs, None)
    if is_lasting_error(error_code):
        raise RetryPointless
    return dead_jobs(user, error_code=error_code)


def narrow_down(found: JobQuerySet, jobs: "Sequence[UUID] | None", error_code: str | None) -> JobQuerySet:
    """Return those of `found` with the ids and the error code.

    Either may be left out.
    """
    if jobs is not None:
        found = found.filter(pk__in=jobs)
    return found if error_code is None else found.filter(error_code=error_code)


def with_last_error(jobs: JobQuerySet) -> JobQuerySet:
    """Return `jobs` with the details of their last failure.

    `last_failure` is found from the log's end.
    """
    failed = JobEvent.objects.filter(job=OuterRef("pk"), kind=events.STATE, state=JobState.FAILED)
    return jobs.annotate(last_failure=Subquery(failed.order_by("-id").values("details")[:1]))


def read_last_error(job: Job) -> str:
    """Return the last error of a job of `with_last_error`, or ""."""
    return clean_detail(read_detail(getattr(job, "last_failure", None)))


def read_detail(details: dict[str, Any] | None) -> str:
    """Return the error text in an event's details, or ""."""
    return str((details or {}).get("detail", ""))


def find_last_detail(job: Job) -> str:
    """Return the whole last error of `job`, or "".

    It is for the people who run the server.
    """
    failed = JobEvent.objects.filter(job=job, kind=events.STATE, state=JobState.FAILED)
    return read_detail(failed.order_by("-id").values_list("details", flat=True).first())


def find_last_error(job: Job) -> str:
    """Return the last error of `job` for its owner, or ""."""
    return clean_detail(find_last_detail(job))


def clean_detail(detail: str) -> str:
    """Return the most telling line of an error without server paths.

    That is the last one that names an error, with which tracebacks end, or else the first.
    """
    lines = [line.strip() for line in detail.splitlines() if line.strip()]
    named = [line for line in lines if ERROR_NAME.match(line)]
    text = FILE_PATH.sub("…", [*lines[:1], *named][-1]).strip(" :") if lines else ""
    return text if len(text) <= DETAIL_LENGTH else f"{text[: DETAIL_LENGTH - 1]}…"
