"""How often work is tried, and how long it waits in between."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The tries of one kind of work.

    Attributes:
        lease_seconds: how long a claim lasts; a worker that died blocks its row for this long.
        max_attempts: how often a row is claimed before it fails.
        waits: the longest wait after each failed try, in seconds; the last one stands for all that follow.
        jitter: the smallest and the largest factor of a wait. (0, 1) is full jitter, see
            https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        retry_after_limit: the longest Retry-After that is believed, in seconds.
    """

    lease_seconds: float
    max_attempts: int
    waits: Sequence[float]
    jitter: tuple[float, float] = (0.0, 1.0)
    retry_after_limit: float = 600.0

    def is_last(self, attempt: int) -> bool:
        """Whether the try `attempt` (from 1) is the last one."""
        return attempt >= self.max_attempts

    def choose_delay(self, attempt: int, retry_after: float | None = None) -> float:
        """Return the seconds to wait after the failed try `attempt` (from 1).

        The seconds of a Retry-After, at most `retry_after_limit`, are added.
        """
        wait = self.waits[min(attempt, len(self.waits)) - 1]
        asked = min(retry_after or 0.0, self.retry_after_limit)
        return asked + wait * random.uniform(*self.jitter)  # noqa: S311 - jitter is no secret

    @property
    def longest_delay(self) -> float:
        """The longest wait that `choose_delay` returns, in seconds."""
        return self.retry_after_limit + max(self.waits) * self.jitter[1]


def double_waits(base: float, cap: float) -> tuple[float, ...]:
    """Return waits in seconds that double from `base` up to `cap`."""
    waits = [base]
    while waits[-1] < cap:
        waits.append(min(cap, waits[-1] * 2))
    return tuple(min(cap, wait) for wait in waits)
