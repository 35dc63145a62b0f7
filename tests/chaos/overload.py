"""Too much load without a fault: no lease may expire."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

from jobs.models import JobEvent

# Busy workers for each core, and on top of them one program that only burns time.
WORKERS_PER_CORE = 4
BURN = "while True: pass"


def count_workers():
    """Return a number of workers far beyond this machine's cores."""
    return WORKERS_PER_CORE * (os.cpu_count() or 1)


def count_false_expiries(run):
    """Make an undisturbed pass under too much load.

    Then the usual workers are deployed. Returns how many leases expired, though no worker died.
    """
    with burn(os.cpu_count() or 1):
        run.pass_in_peace()
        keep_busy(run, 60 * run.arguments.calm_minutes, 2 * count_workers())
    run.wait_for_end(300)
    run.site.deploy_usual_workers()
    return JobEvent.objects.filter(kind="lease_expired").count()


def keep_busy(run, seconds, jobs):
    """Submit for `seconds` whenever there are fewer than `jobs`."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if run.turn() and run.watch.active + run.crowd.underway < jobs:
            run.crowd.submit_any()
        time.sleep(0.1)


@contextmanager
def burn(number):
    """Let `number` processes do nothing as fast as they can."""
    burners = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(number)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
