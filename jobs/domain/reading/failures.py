"""What is read about failed jobs: their kinds, most frequent first, the jobs of each, and what their last try said."""

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
# How Python names an error at the end of a traceback.
ERROR_NAME = re.compile(r"[\w.]*(?:Error|Exception|Warning)\b")
# Where a program's words name a file of the server.
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
    """The failed jobs of one error code that nobody has dismissed; `count` stops at a limit, `newest` is one of them."""

    code: str
    count: int
    newest: Job

    @property
    def title(self) -> str:
        """What happened to all of them, in a few words."""
        return describe_code(self.code)

    @property
    def advice(self) -> str:
        """What to do about them."""
        return advise(self.code)

    @property
    def is_lasting(self) -> bool:
        """Whether the cause lies in the files, so that trying all of them again is pointless."""
        return is_lasting_error(self.code)


def group_failures(owner: "User | None", limit: int = COUNT_LIMIT) -> list[FailureGroup]:
    """Return the kinds of failed jobs of `owner`, or of everybody for None, most frequent first, in one query."""
    dead = DEAD_OF_ONE if owner else DEAD_OF_ALL
    scope = [owner.pk] if owner else []
    jobs = Job.objects.raw(GROUPS_QUERY.format(dead=dead), [*scope, *scope, *scope, limit, *scope])
    groups = [FailureGroup(job.error_code, getattr(job, "number"), job) for job in jobs]  # noqa: B009 - of the query
    return sorted(groups, key=lambda group: (-group.count, group.code))


def dead_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that are not dismissed: all, those among the ids `jobs`, or those of one code."""
    return narrow_down(visible_jobs(user).dead(), jobs, error_code)


def dismissed_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that are dismissed: all, those among the ids `jobs`, or those of one code."""
    return narrow_down(visible_jobs(user).dismissed(), jobs, error_code)


def retryable_jobs(user: "User", *, jobs: "Sequence[UUID] | None" = None, error_code: str | None = None) -> JobQuerySet:
    """Return the user's failed jobs that may be tried again together: some by their ids, or the dead ones of a code.

    Raises:
        RetryPointless: the code says that the cause lies in the files.
    """
    if error_code is None:
        return narrow_down(visible_jobs(user).failed(), jobs, None)
    if is_lasting_error(error_code):
        raise RetryPointless
    return dead_jobs(user, error_code=error_code)


def narrow_down(found: JobQuerySet, jobs: "Sequence[UUID] | None", error_code: str | None) -> JobQuerySet:
    """Return those of `found` that have one of the ids and the error code, where they are given."""
    if jobs is not None:
        found = found.filter(pk__in=jobs)
    return found if error_code is None else found.filter(error_code=error_code)


def with_last_error(jobs: JobQuerySet) -> JobQuerySet:
    """Return `jobs` with `last_failure`: the details of the event that failed them last, found from the log's end."""
    failed = JobEvent.objects.filter(job=OuterRef("pk"), kind=events.STATE, state=JobState.FAILED)
    return jobs.annotate(last_failure=Subquery(failed.order_by("-id").values("details")[:1]))


def read_last_error(job: Job) -> str:
    """Return what the last failed try of a job of `with_last_error` said, empty where it said nothing."""
    return clean_detail(read_detail(getattr(job, "last_failure", None)))


def read_detail(details: dict[str, Any] | None) -> str:
    """Return what an event's details say about an error, empty where they say nothing."""
    return str((details or {}).get("detail", ""))


def find_last_detail(job: Job) -> str:
    """Return all that the last failed try of `job` said, for whoever runs the server; empty where it said nothing."""
    failed = JobEvent.objects.filter(job=job, kind=events.STATE, state=JobState.FAILED)
    return read_detail(failed.order_by("-id").values_list("details", flat=True).first())


def find_last_error(job: Job) -> str:
    """Return what the last failed try of `job` said, for its owner; empty where it said nothing."""
    return clean_detail(find_last_detail(job))


def clean_detail(detail: str) -> str:
    """Return the line of what a program said that says most, without the server's paths.

    That is the last one that names an error, with which tracebacks end, or else the first.
    """
    lines = [line.strip() for line in detail.splitlines() if line.strip()]
    named = [line for line in lines if ERROR_NAME.match(line)]
    text = FILE_PATH.sub("…", [*lines[:1], *named][-1]).strip(" :") if lines else ""
    return text if len(text) <= DETAIL_LENGTH else f"{text[: DETAIL_LENGTH - 1]}…"
