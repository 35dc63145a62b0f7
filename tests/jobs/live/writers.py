"""A program that writes events from overtaking threads.

Their transactions end in another order than they began.

`python -m tests.jobs.live.writers OWNER EVENTS PER_SECOND`; each event's progress is its number among those of its job.
"""

import os
import random
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "transcribe_site.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - it needs the settings

from jobs.domain.feed import job_feed  # noqa: E402 - the same
from jobs.models import Job  # noqa: E402 - the same
from tests.waiting import take_time  # noqa: E402 - the same

THREADS = 3
# How long a transaction stays open after it has written, in seconds. On SQLite the others wait for it meanwhile.
LONGEST_SECONDS = {"postgresql": 0.35, "sqlite": 0.03}


def write(owner_id, number, pause, seed):
    chance = random.Random(seed)  # noqa: S311 - no secret
    job = Job(id=uuid.uuid4(), owner_id=owner_id)
    for count in range(1, number + 1):
        started_at = time.monotonic()
        job.progress = count
        with transaction.atomic():
            job_feed.publish([job], job_feed.PROGRESS)
            take_time(chance.uniform(0, LONGEST_SECONDS[connection.vendor]))
        take_time(max(0.0, pause - (time.monotonic() - started_at)))
    connection.close()
    return job.pk


def main(owner_id, events, per_second):
    with ThreadPoolExecutor(THREADS) as pool:
        turns = range(THREADS)
        jobs = list(pool.map(lambda turn: write(owner_id, events // THREADS, THREADS / per_second, turn), turns))
    print(*jobs)  # noqa: T201 - for the test to read


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
