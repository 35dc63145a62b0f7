"""Named pipes that wake the clusters of this machine."""

import errno
import os
import select
import time
from pathlib import Path

from foundation.database.clusters import build_cluster_name, get_run_dir

READ_BYTES = 4096


class WakeupPipe:
    """A named pipe that one cluster waits at.

    It is opened at the first wait, since clusters fork.
    """

    def __init__(self, cluster: str) -> None:
        self._path = get_pipe_path(cluster)
        self._pipe: int | None = None
        self._owner = 0

    def wait(self, seconds: float) -> None:
        """Wait until something is written, at most for `seconds`."""
        if self._owner != os.getpid():
            self._owner, self._pipe = os.getpid(), open_pipe(self._path)
        if self._pipe is None:
            time.sleep(seconds)
        elif select.select([self._pipe], [], [], seconds)[0]:
            os.read(self._pipe, READ_BYTES)


def open_pipe(path: Path) -> int | None:
    """Return a new named pipe, None where there can be none.

    It is open for reading before its name appears.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(draft, 0o600)
        # Open for writing too: with no writer left, reading would find the end of the file.
        pipe = os.open(draft, os.O_RDWR | os.O_NONBLOCK)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        return None
    return pipe


def get_pipe_path(cluster: str) -> Path:
    """Return the path of a cluster's pipe.

    The name of the file begins with the machine's.
    """
    return get_run_dir() / f"{cluster}.wakeup"


def wake_clusters() -> None:
    """Wake the clusters of this machine.

    Those of other machines find the message when they look next.
    """
    for path in get_run_dir().glob(f"{build_cluster_name('*')}.wakeup"):
        try:
            write_wakeup(path)
        except OSError as error:
            # A pipe has a reader before its name appears, so the cluster of this one has ended. Other errors come
            # from pipes of another user, or from full ones, whose readers wake anyway.
            if error.errno == errno.ENXIO:
                path.unlink(missing_ok=True)


def write_wakeup(path: Path) -> None:
    """Write one byte into a pipe.

    Raises:
        OSError: the pipe has no reader (ENXIO), is full, or belongs to another user.
    """
    pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(pipe, b"!")
    finally:
        os.close(pipe)
