"""What streams say, the same by server-sent events and by WebSocket; docs/api.md explains each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobs.domain.feed.job_feed import Position
from versioning.middleware import describe_mismatch
from versioning.versions import BACKEND

if TYPE_CHECKING:
    from foundation.problems import Problem
    from jobs.models import FeedEvent
    from versioning.versions import Mismatch

HEARTBEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Message:
    """One message; with a `position` it is the place to go on from, and is sent as the message's id."""

    type: str
    position: Position | None = None
    members: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The message as JSON; the same event is encoded once for all who listen."""
        known = {"type": self.type} if self.position is None else {"type": self.type, "id": str(self.position)}
        return json.dumps({**known, **self.members}, ensure_ascii=False)

    @cached_property
    def frame(self) -> bytes:
        """The message as a server-sent event. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
        number = "" if self.position is None else f"id: {self.position}\n"
        return f"{number}event: {self.type}\ndata: {self.text}\n\n".encode()


HEARTBEAT = Message("heartbeat")
SIGNED_OUT = Message("signed_out")


def greet(position: Position | None) -> Message:
    """Return the first message; whoever goes on from a place of their own is told none."""
    return Message("hello", position, {"version": str(BACKEND), "heartbeat_seconds": HEARTBEAT_SECONDS})


def ask_for_reset(position: Position) -> Message:
    """Return the message to somebody for whom too much happened meanwhile: look at everything again."""
    return Message("reset", position)


def describe_event(event: FeedEvent) -> Message:
    """Return what is told of a change of a job; `event` has its title beside it, as the feed reads it."""
    position = Position(event.transaction_id, event.pk, int(event.created_at.timestamp()))
    members = {
        "job": str(event.job_id),
        "kind": event.kind,
        "state": event.state,
        "stage": event.stage,
        "progress": round(event.progress, 2),
        "title": getattr(event, "title", None) or "",
        "at": event.created_at.isoformat(),
    }
    return Message("job", position, members)


def build_mismatch(mismatch: Mismatch) -> Message:
    """Return the message to a page of another version; the stream ends with it."""
    return Message("version_mismatch", None, {"problem": describe_mismatch(mismatch).as_dict()})


def build_problem(problem: Problem) -> Message:
    """Return the message by which WebSocket says what HTTP would answer with a status."""
    return Message("problem", None, {"problem": problem.as_dict()})
