"""How many jobs one person may start in a while: one count for the API and the pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from foundation.http.throttles import ScopedThrottle
from foundation.problems import answer_throttled

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from rest_framework.request import Request


class SubmitThrottle(ScopedThrottle):
    """Counts by person the jobs that are submitted or retried; the rate is TRANSCRIBE_SUBMIT_RATE.

    A form with several files is taken whole while there is room for one, and counted whole.
    """

    scope = "submit"
    num_requests: int
    duration: int  # seconds
    history: list[float]
    now: float

    def __init__(self, jobs: int = 1) -> None:
        super().__init__()
        self.jobs = jobs

    def get_cache_key(self, request: Request | HttpRequest, view: object) -> str:  # noqa: ARG002 - DRF's signature
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}

    def throttle_success(self) -> bool:
        self.history[:0] = [self.now] * self.jobs
        self.cache.set(self.key, self.history, self.duration)
        return True

    def wait(self) -> float:
        """Return after how many seconds there is room for one job, once there was none."""
        return self.history[self.num_requests - 1] + self.duration - self.now


def refuse_excess(request: HttpRequest, jobs: int = 1) -> HttpResponse | None:
    """Count `jobs` that a page's form asks for; return the page that says 429 when there were too many already."""
    throttle = SubmitThrottle(jobs)
    if throttle.allow_request(request, None):  # type: ignore[arg-type]  # both kinds of request have a user
        return None
    return answer_throttled(request, "You started many transcriptions in a short time.", math.ceil(throttle.wait()))
