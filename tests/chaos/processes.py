"""Looks at processes through /proc, and sends them signals."""

import os
import signal
from contextlib import suppress
from pathlib import Path

GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


def list_pids():
    """Return the ids of all processes."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def read_stat(pid):
    """Return the fields of a process from its state on.

    None when it has gone.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except GONE:
        return []


def is_running(pid):
    return read_stat(pid)[:1] not in ([], ["Z"])


def list_children(pid):
    """Return the living children of a process, the oldest first."""
    children = [child for child in list_pids() if read_stat(child)[1:2] == [str(pid)] and is_running(child)]
    return sorted(children, key=read_start)


def read_start(pid):
    """Return the start of a process, in ticks since the machine's."""
    stat = read_stat(pid)
    return int(stat[19]) if stat else 0


def list_family(pid):
    """Return a process with all its descendants."""
    return [pid, *(member for child in list_children(pid) for member in list_family(child))]


def list_marked(mark):
    """Return the processes with the variable `mark`.

    It is "NAME=value" in their environment.
    """
    return [pid for pid in list_pids() if mark.encode() in read_environment(pid)]


def read_environment(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except GONE:
        return []


def read_command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except GONE:
        return ""


def find_engine(worker):
    """Return the engine child of a worker, or None."""
    engines = [child for child in list_children(worker) if "engine.pipe.child" in read_command(child)]
    return engines[0] if engines else None


def send_signal(pid, number=signal.SIGKILL):
    """Send a signal; return whether the process was there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
