"""Writes job events: the log of a job.

Each also goes to the live pages.
"""

from typing import TYPE_CHECKING, Any

from jobs.domain.feed import job_feed
from jobs.models import Job, JobEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

CREATED = "created"
STATE = "state"
STAGE = "stage"
STEP_DONE = "step_done"
STEP_RESCHEDULED = "step_rescheduled"
STEP_RELEASED = "step_released"
LEASE_EXPIRED = "lease_expired"
REUSE_FAILED = "reuse_failed"
READ = "read"
DISMISSED = "dismissed"
TAKEN_BACK = "taken_back"

# The kinds after which every page looks the same.
UNSEEN = frozenset({READ})
MAX_REASON_LENGTH = 200


def record_event(
    job: Job,
    kind: str,
    *,
    reason: str = "",
    actor: "User | None" = None,
    details: dict[str, Any] | None = None,
) -> JobEvent:
    """Store one event of `job` with its present state.

    To be called in the transaction of the change itself.
    """
    event = JobEvent.objects.create(
        job=job, kind=kind, state=job.state, reason=reason[:MAX_REASON_LENGTH], actor=actor, details=details or {}
    )
    if kind not in UNSEEN:
        job_feed.publish([job], kind)
    return event


def record_events(jobs: "Sequence[Job]", kind: str, *, actor: "User | None") -> None:
    """Store the same event of many jobs at once.

    To be called in the transaction of the change itself.
    """
    JobEvent.objects.bulk_create(JobEvent(job=job, kind=kind, state=job.state, actor=actor) for job in jobs)
    job_feed.publish(jobs, kind)


def record_reading(job: Job, actor: "User", what: str) -> JobEvent:
    """Store that `actor` opened the `what` of another person.

    It is "text" or "audio".
    """
    return record_event(job, READ, reason=f"{what} opened by {actor.get_username()}", actor=actor)
