"""The watch over the database.

It sees who works on what, and how long lost work waits.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, connection

from jobs.models import Job, Step
from jobs.states import ACTIVE_STATES, StepState

OUTAGES = frozenset({"disk full", "database restarted"})
ENDED = (StepState.DONE, StepState.FAILED)


@dataclass(frozen=True, slots=True)
class Held:
    """A step as some worker holds it."""

    pk: int
    job: str
    kind: str
    index: int
    attempt: int
    token: str

    @property
    def pid(self):
        return int(self.token.split(":")[1])


@dataclass(slots=True)
class Loss:
    """A step whose worker was struck, and since when it waits.

    A later outage restarts the wait.
    """

    kind: str
    step: Held
    since: float
    limit: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """A struck step that was claimed again: `seconds` after `since`."""

    kind: str
    step: Held
    since: float
    seconds: float
    is_late: bool


@dataclass(slots=True)
class Watch:
    """What runs at this moment, and what is waited for."""

    running: list = field(default_factory=list)
    active: int = 0
    losses: list = field(default_factory=list)
    recoveries: list = field(default_factory=list)
    hits: dict = field(default_factory=dict)
    is_up: bool = False

    def look(self):
        """Read what runs now.

        While the database does not answer nothing runs, as far as is known.
        """
        try:
            running = Step.objects.filter(state=StepState.RUNNING).order_by("pk")
            self.running = [read_held(step) for step in running]
            self.active = Job.objects.filter(state__in=ACTIVE_STATES).count()
            self.settle_losses()
            self.is_up = True
        except (DatabaseError, InterfaceError):
            connection.close()
            self.running, self.is_up = [], False
        return self.is_up

    def expect(self, kind, steps, limit):
        """Expect `steps` to be claimed again within `limit` seconds.

        Their worker has just been struck.
        """
        now = time.time()
        known = {(loss.step.pk, loss.step.token) for loss in self.losses}
        for step in steps:
            self.hits[step.pk] = self.hits.get(step.pk, 0) + 1
            if (step.pk, step.token) not in known:
                self.losses.append(Loss(kind, step, now, limit))

    def begin_anew(self, limit):
        """Restart all waits: until now nothing could be claimed."""
        for loss in self.losses:
            loss.since, loss.limit = time.time(), max(loss.limit, limit)

    def settle_losses(self):
        """Record the recovery of struck steps that are claimed or over."""
        if not self.losses:
            return
        steps = Step.objects.in_bulk([loss.step.pk for loss in self.losses])
        for loss in list(self.losses):
            step = steps.get(loss.step.pk)
            if step is None or step.claimed_by != loss.step.token or step.state in ENDED:
                self.losses.remove(loss)
                self.note_recovery(loss, step)

    def note_recovery(self, loss, step):
        """Record how long a step waited to be claimed again.

        Nothing if it went with its job. What an outage struck may as well be finished by its holder, which has lived
        on.
        """
        if step is None or step.state == StepState.FAILED:
            return
        is_kept = step.claimed_by == loss.step.token
        moment = step.finished_at if is_kept and loss.kind in OUTAGES else step.claimed_at
        if moment is not None and not (is_kept and loss.kind not in OUTAGES):
            seconds = max(0.0, (moment - datetime.fromtimestamp(loss.since, UTC)).total_seconds())
            self.recoveries.append(Recovery(loss.kind, loss.step, loss.since, seconds, seconds > loss.limit))


def read_held(step):
    return Held(step.pk, str(step.job_id), step.kind, step.index, step.attempts, step.claimed_by)
