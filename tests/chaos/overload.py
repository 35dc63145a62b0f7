"""The other way round: with far more load than cores, and no fault, no lease may expire."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

from jobs.models import JobEvent

# Busy workers for each core, and on top of them one program that only burns time.
WORKERS_PER_CORE = 4
BURN = "while True: pass"


def count_false_expiries(run):
    """Keep four workers for each core busy for a while; return how many leases expired."""
    usual = sum(machine.workers for machine in run.site.machines)
    cores = os.cpu_count() or 1
    run.restart_machines(WORKERS_PER_CORE * cores)
    with burn(cores):
        keep_busy(run, 60 * run.arguments.calm_minutes, 2 * WORKERS_PER_CORE * cores)
    run.wait_for_end(300)
    run.restart_machines(usual)
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
