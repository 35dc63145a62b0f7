"""Ask the system whether a process still runs."""

from pathlib import Path

from tests.waiting import wait_until


def wait_until_gone(pid, seconds):
    return wait_until(lambda: not is_running(pid), seconds)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
