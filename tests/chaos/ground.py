"""The folder of a site on a disk of its own.

It has the disk where that is permitted, and the disk can be full.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

SIZE_MB = 6144
# Unmounts and removes the folder when the process at the other end of its stdin has gone, in any way.
GUARD = 'cat; sleep 2; umount -l "$1/data" 2>/dev/null; rm -rf "$1"'


class Ground:
    """A folder with `data`, `logs` and `marks`.

    `data` is the site's, `marks` are left by processes. A context manager. It is removed in the end, unless `is_kept`.
    """

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="transcribe-chaos-"))
        self.data = self.folder / "data"
        self.logs = self.folder / "logs"
        self.marks = self.folder / "marks"
        for folder in (self.data, self.logs, self.marks):
            folder.mkdir()
        self.has_own_disk = self.mount()
        self.is_kept = False
        command = ["/bin/sh", "-c", GUARD, "guard", str(self.folder)]
        self.guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.guard.kill()
        self.guard.communicate()
        if self.is_kept:
            shutil.copytree(self.data, self.folder / "kept", ignore=shutil.ignore_patterns("media", "work", "static"))
        if self.has_own_disk:
            subprocess.run(["umount", "-l", str(self.data)], check=False)
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def mount(self):
        """Mount a disk in memory as the data folder.

        Returns whether that was permitted.
        """
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(self.data)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def fill(self):
        """Leave not one free byte on the disk.

        It is made as small as what lies on it.
        """
        for _ in range(200):
            used = os.statvfs(self.data)
            pages = used.f_blocks - used.f_bfree
            if self.resize(f"{pages * used.f_frsize // 1024}k"):
                return
            time.sleep(0.005)  # something was written between the two
        raise RuntimeError("the disk could not be filled")

    def free(self):
        """Give the disk its room again."""
        self.resize(f"{SIZE_MB}m")

    def resize(self, size):
        command = ["mount", "-o", f"remount,size={size}", str(self.data)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def is_full(self):
        """Whether really nothing can be written."""
        try:
            (self.data / "probe").write_bytes(bytes(4096))
        except OSError:
            return True
        (self.data / "probe").unlink()
        return False
