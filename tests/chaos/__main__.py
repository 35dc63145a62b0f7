"""`make chaos`: breaks a running service on purpose.

It does so in every way, and looks for what was lost, doubled or stuck.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
from contextlib import nullcontext

import django

from tests.chaos.ground import Ground
from tests.chaos.site import MACHINES, build_environment
from tests.postgres import PostgresServer


def read_arguments(words):
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--stack", choices=["both", *MACHINES], default="both")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a run's decisions")
    parser.add_argument("--faults", type=int, default=240, help="how many faults to cause")
    parser.add_argument("--minutes", type=float, default=10, help="over how many minutes to spread them")
    parser.add_argument("--jobs", type=int, default=24, help="how many jobs there are to do at any time")
    parser.add_argument("--recordings", type=int, default=16, help="how many different recordings are submitted")
    parser.add_argument("--calm-minutes", type=float, default=1, help="how long to overload it without any fault")
    return parser.parse_args(words)


def main(words):
    arguments = read_arguments(words)
    # A run that is stopped clears up behind it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if arguments.stack == "both":
        return max(run_alone(stack, words) for stack in MACHINES)
    return run_stack(arguments)


def run_alone(stack, words):
    """Run one stack in a process of its own.

    Django's settings are read once.
    """
    process = subprocess.Popen([sys.executable, "-m", "tests.chaos", *words, "--stack", stack])
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise


def run_stack(arguments):
    """Return 0 if nothing was lost, doubled or stuck on this stack."""
    with Ground() as ground, PostgresServer() if arguments.stack == "postgresql" else nullcontext() as postgres:
        url = postgres.create_database("transcribe") if postgres else ""
        os.environ.update(build_environment(ground, url))
        django.setup()
        from tests.chaos.run import Run  # noqa: PLC0415 - models can be imported from here on

        with Run(arguments, ground, postgres) as run:
            try:
                is_clean = run.run()
            finally:
                ignore_signals()
        ground.is_kept = not is_clean
    return 0 if is_clean else 1


def ignore_signals():
    """Ignore signals during the clearing up.

    `timeout`, for one, sends its signal twice.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
