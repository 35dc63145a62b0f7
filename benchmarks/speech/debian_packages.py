"""Debian packages that benchmarks and tests need.

They are fetched once and unpacked beside the virtual environment, never installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "debian"


class PackageMissing(Exception):
    """A package that is not available on this system.

    The message says why.
    """


def unpack_package(name: str) -> Path:
    """Return the folder in which the package is unpacked.

    Raises:
        PackageMissing: it is not available.
    """
    folder = FOLDER / name
    if folder.is_dir():
        return folder
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise PackageMissing(f"the package {name} needs apt-get and dpkg")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as place:
        archive = download_package(name, Path(place))
        unpacked = Path(place) / "unpacked"
        if not run(["dpkg", "-x", str(archive), str(unpacked)]):
            raise PackageMissing(f"the package {name} could not be unpacked")
        unpacked.rename(folder)
    return folder


def download_package(name: str, place: Path) -> Path:
    """Download into `place`.

    The lists of packages are updated if need be.

    Raises:
        PackageMissing: it is not available.
    """
    print(f"Getting {name} (once) …", file=sys.stderr, flush=True)
    if not run(["apt-get", "download", name], place):
        run_as_root(["apt-get", "update", "-qq"])
        run(["apt-get", "download", name], place)
    archives = sorted(place.glob("*.deb"))
    if not archives:
        raise PackageMissing(f"the package {name} could not be had from Debian's archive")
    return archives[0]


def run_as_root(command: Sequence[str]) -> bool:
    """Run a command as root; return whether that worked.

    It never asks for a password.
    """
    if os.geteuid() == 0:
        return run(command)
    return shutil.which("sudo") is not None and run(["sudo", "-n", *command])


def run(command: Sequence[str], folder: Path | None = None) -> bool:
    """Run a command silently; return whether it worked."""
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
