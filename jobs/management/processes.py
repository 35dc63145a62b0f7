"""Starts programs that end with their parent.

Also when the parent is killed.
"""

import ctypes
import signal
import subprocess
import sys
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def start_tied_process(command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    """Start `command`, tied to this process.

    On Linux it gets SIGTERM when its parent ends in any way, elsewhere it lives on.
    """
    return subprocess.Popen(command, preexec_fn=choose_preparation(), **options)  # noqa: PLW1509 - no threads here


def choose_preparation() -> Any:
    """Return the call of a new process before it becomes the program.

    None where there is no such call.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
