"""Runs of the same tests beside busy loops.

They find tests that fail now and then: `python -m tests.flaky TIMES TESTS…`, or `make flaky TESTS=… TIMES=…`.
"""

import argparse
import os
import subprocess
import sys
from contextlib import contextmanager

BUSY_LOOPS = 4
# A loop ends by itself when the process that started it has gone, however that happened.
LOOP = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    pass"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "0", "--tb=short")


@contextmanager
def keep_busy(loops=BUSY_LOOPS):
    """Burn the time of all cores meanwhile; yield the processes."""
    command = [sys.executable, "-c", LOOP, str(os.getpid())]
    processes = []
    try:
        processes += [subprocess.Popen(command) for _ in range(loops)]
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def list_failures(command, times):
    """Return the output of each run of `command` that failed."""
    runs = (run_once(command, number, times) for number in range(1, times + 1))
    return [done.stdout for done in runs if done.returncode]


def run_once(command, number, times):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"{number}/{times}: {'failed' if done.returncode else 'passed'}", flush=True)  # noqa: T201 - a program's answer
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("times", type=int)
    parser.add_argument("tests", nargs="+", help="what pytest is to run: files, folders, options after --")
    arguments = parser.parse_args()
    with keep_busy():
        failures = list_failures([*PYTEST, *arguments.tests], arguments.times)
    for output in failures:
        print(output)  # noqa: T201 - as above
    print(f"{len(failures)} of {arguments.times} runs failed")  # noqa: T201 - as above
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
