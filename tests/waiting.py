"""Waiting for what is seen: the one place where tests sleep."""

import asyncio
import time

# About ten times what the slowest of them takes on a quiet machine: it is reached by what never comes.
DEADLINE_SECONDS = 60.0
INTERVAL_SECONDS = 0.05


def wait_until(condition, seconds=DEADLINE_SECONDS):
    """Wait for `condition` to return something true, and return that.

    Raises:
        AssertionError: nothing true within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition.__name__}"
        time.sleep(INTERVAL_SECONDS)
    return found


def answers(call):
    """Whether `call` goes through without an OSError, as one to a server that is up does."""
    try:
        call()
    except OSError:
        return False
    return True


def take_time(seconds):
    """Be as slow as a slow network or a long transaction: never a wait for something."""
    time.sleep(seconds)


async def take_time_in_loop(seconds):
    """Be slow within an event loop."""
    await asyncio.sleep(seconds)
