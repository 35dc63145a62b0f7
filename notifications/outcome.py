"""How one try of a delivery ended."""

from __future__ import annotations

from dataclasses import dataclass

MOVED = "It answered with a redirect that changes the request ({status}). Use the address that it leads to."
# Those with an address are followed.
KEEPING = (307, 308)
NOWHERE = "It answered with a redirect that leads nowhere ({status})."
GONE = 410
SERVER_FAULTS = range(500, 600)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one try.

    `error`: plain words, empty for a success. `is_lasting`: trying again cannot help. `is_gone`: the receiver is not
    there any more. `is_host`: the host is to blame rather than this one address. Not `was_called`: nothing was sent.
    """

    status: int | None = None
    error: str = ""
    retry_after: float | None = None
    is_lasting: bool = False
    is_gone: bool = False
    is_host: bool = False
    was_called: bool = True


def judge_status(status: int, retry_after: float | None, *, gone: tuple[int, ...] = (GONE,)) -> Outcome:
    """Return the outcome of an answer by its HTTP status."""
    if status in range(200, 300):
        return Outcome(status)
    if status in range(300, 400):
        words = NOWHERE if status in KEEPING else MOVED
        return Outcome(status, words.format(status=status))
    error = f"It answered with {status}."
    # Not 429: one address of many at a shared host is asked too often, which is no fault of the others.
    is_host = status in SERVER_FAULTS
    return Outcome(status, error, retry_after, is_lasting=status in gone, is_gone=status in gone, is_host=is_host)
