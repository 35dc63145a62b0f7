"""The log of a job as its owner reads it.

It has a summary of the chunks, and the events page by page.
"""

from collections import Counter
from dataclasses import dataclass

from foundation.database.clusters import get_worker_name
from jobs.domain.feed import events
from jobs.domain.reading.queries import list_events
from jobs.models import Chunk, Job, JobEvent
from jobs.states import StepState

# The page of a job shows this many; a job that was tried again and again has more, and its log has all.
MAX_MILESTONES = 30


@dataclass(frozen=True, slots=True)
class WorkSummary:
    """The done chunks of a job with their workers and speed.

    The worker with most chunks comes first. `speed` is seconds of audio a second of computing, None before anything was
    measured.
    """

    done: int
    total: int
    workers: tuple[tuple[str, int], ...]
    speed: float | None


def summarise_work(job: Job) -> WorkSummary:
    """Return the summary of the chunks of `job`.

    Those without speech are done without a worker.
    """
    rows = Chunk.objects.filter(job=job).order_by("index")
    pieces = list(rows.values_list("state", "claimed_by", "start", "end", "compute_seconds"))
    done = [piece for piece in pieces if piece[0] == StepState.DONE]
    workers = Counter(get_worker_name(token) for _state, token, *_rest in done if token)
    computed = [(end - start, seconds) for *_rest, start, end, seconds in done if seconds]
    used = sum(seconds for _audio, seconds in computed)
    speed = sum(audio for audio, _seconds in computed) / used if used else None
    return WorkSummary(len(done), len(pieces), tuple(workers.most_common()), speed)


def list_milestones(job: Job) -> list[JobEvent]:
    """Return the newest milestones of `job`, oldest first.

    They are the events that are more than another chunk done.
    """
    newest = list_events(job).exclude(kind=events.STEP_DONE).order_by("-id")[:MAX_MILESTONES]
    return list(reversed(newest))


def take_log_page(job: Job, *, beyond: int | None, newest_first: bool, size: int) -> tuple[list[JobEvent], int | None]:
    """Return a page of events and the id to go on from.

    The page has `size` events beyond the one with the id `beyond`, in either order; the id is None at the end.
    """
    found = list_events(job)
    if beyond is not None:
        found = found.filter(id__lt=beyond) if newest_first else found.filter(id__gt=beyond)
    rows = list(found.order_by("-id" if newest_first else "id")[: size + 1])
    page = rows[:size]
    return page, page[-1].pk if len(rows) > size else None
