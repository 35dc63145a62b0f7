"""Writes events from several threads whose transactions end in another order than they began: a program of its own.

`python -m tests.live.writers OWNER EVENTS PER_SECOND`; each event's progress is its number among those of its job.
"""

import os
import random
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import django

THREADS = 3
# How long a transaction stays open after it has written, in seconds. On SQLite the others wait for it meanwhile.
LONGEST_SECONDS = {"postgresql": 0.35, "sqlite": 0.03}


def write(owner_id, number, pause, seed):
    from django.db import connection, transaction

    from jobs.domain import feed
    from jobs.models import Job

    chance = random.Random(seed)
    job = Job(id=uuid.uuid4(), owner_id=owner_id)
    for count in range(1, number + 1):
        started_at = time.monotonic()
        job.progress = count
        with transaction.atomic():
            feed.publish([job], feed.PROGRESS)
            time.sleep(chance.uniform(0, LONGEST_SECONDS[connection.vendor]))
        time.sleep(max(0.0, pause - (time.monotonic() - started_at)))
    connection.close()
    return job.pk


def main(owner_id, events, per_second):
    with ThreadPoolExecutor(THREADS) as pool:
        turns = range(THREADS)
        jobs = list(pool.map(lambda turn: write(owner_id, events // THREADS, THREADS / per_second, turn), turns))
    print(*jobs)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "transcribe_site.settings")
    django.setup()
    main(*map(int, sys.argv[1:]))
