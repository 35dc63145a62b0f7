"""Runs the whole program on one machine: web server and workers together."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.setup import ensure_setup_token
from jobs.management.processes import start_tied_process
from jobs.management.startup import refuse_other_version, startup_lock, wait_for_database
from transcribe_site import env
from transcribe_site.certificate import OwnCertificate, ensure_certificate, list_addresses, list_names

INTERVAL_SECONDS = 0.1
START_SECONDS = 60.0
STOP_SECONDS = 40.0
# Workers that end are restarted at most once in this time: a busy loop must not form.
RESTART_SECONDS = 5.0


class Command(BaseCommand):
    """`manage.py serve`: everything, until Ctrl-C."""

    help = "Prepares the database and starts web server and workers; HOST and PORT say where."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Start web server and workers and wait for the end."""
        host = env.read_str("HOST", "0.0.0.0" if settings.OWN_HTTPS else "127.0.0.1")  # noqa: S104 - others are to reach it
        port = env.read_int("PORT", 8000, minimum=1)
        check_port(host, port)
        own = prepare_certificate() if settings.OWN_HTTPS else None
        wait_for_database()
        with startup_lock():
            refuse_other_version()
            call_command("migrate", verbosity=0, interactive=False)
            collect_static_files()
        runner = Runner(host, port, own)
        runner.catch_signals()
        try:
            runner.start()
            if runner.wait_until_ready():
                for line in describe_service(host, port, own):
                    self.stdout.write(line)
                self.stdout.flush()
            runner.wait()
        finally:
            runner.stop()


class Runner:
    """The web server and the workers of one service.

    They start and end together.
    """

    def __init__(self, host: str, port: int, certificate: OwnCertificate | None = None) -> None:
        self.host = host
        self.port = port
        self.certificate = certificate
        self.stopping = False
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.restarted_at = 0.0

    def catch_signals(self) -> None:
        """Treat Ctrl-C and SIGTERM as the wish to stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.request_stop)

    def request_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Remember that a stop was asked for."""
        self.stopping = True

    def start(self) -> None:
        """Start both programs in process groups of their own.

        So Ctrl-C reaches them only through this process.
        """
        self.programs = {"web": start_program(self.build_web_command()), "workers": start_workers()}

    def build_web_command(self) -> list[str]:
        """Return the command line of the ASGI server.

        Open streams do not hold up its end.
        """
        server = [sys.executable, "-m", "uvicorn", "transcribe_site.asgi:application"]
        where = ["--host", self.host, "--port", str(self.port)]
        own = self.certificate
        tls = ["--ssl-certfile", str(own.certificate), "--ssl-keyfile", str(own.key)] if own else []
        return [
            *server,
            *where,
            *tls,
            "--log-level",
            "warning",
            "--no-server-header",
            "--no-proxy-headers",
            "--timeout-graceful-shutdown",
            "5",
        ]

    def wait_until_ready(self) -> bool:
        """Wait until the web server accepts connections.

        False when it ended or a stop was asked for.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self.stopping and self.programs["web"].poll() is None:
            if is_listening(self.host, self.port):
                return True
            time.sleep(INTERVAL_SECONDS)
        return False

    def wait(self) -> None:
        """Wait for a stop signal.

        Workers that end are started again; a web server that ends is the end.

        Raises:
            CommandError: the web server ended by itself.
        """
        while not self.stopping:
            if self.programs["web"].poll() is not None:
                raise CommandError(f"The web server ended with status {self.programs['web'].returncode}.")
            if self.programs["workers"].poll() is not None and time.monotonic() - self.restarted_at > RESTART_SECONDS:
                self.restarted_at = time.monotonic()
                self.programs["workers"] = start_workers()
            time.sleep(INTERVAL_SECONDS)

    def stop(self) -> None:
        """Ask both to end and kill what does not in time."""
        for program in self.programs.values():
            program.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for program in self.programs.values():
            try:
                program.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.kill()


def start_program(command: list[str]) -> "subprocess.Popen[bytes]":
    """Start one program in a process group of its own."""
    return start_tied_process(command, cwd=settings.BASE_DIR, process_group=0)


def start_workers() -> "subprocess.Popen[bytes]":
    """Start the supervisor of this machine's workers."""
    return start_program([sys.executable, "manage.py", "workers", "--skip-checks"])


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be used.

    This is before anything is started.

    Raises:
        CommandError: something else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"{host}:{port} can't be used: {error.strerror}. Set HOST or PORT.") from error
        except OverflowError as error:
            raise CommandError(f"{port} is no port: the highest is 65535. Set PORT.") from error


def is_listening(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((choose_own_host(host), port), timeout=1):
            return True
    except OSError:
        return False


def choose_own_host(host: str) -> str:
    """Return the local address of a server that listens on `host`."""
    wildcard = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    return wildcard.get(host, host)


def prepare_certificate() -> OwnCertificate:
    """Return the certificate for this machine's names.

    The web server may be reached under these names from then on.

    Raises:
        CommandError: the settings speak of a proxy with a certificate of its own.
    """
    if settings.HTTPS:
        raise CommandError(
            "HTTPS=1 is for a network of your own, TRANSCRIBE_HTTPS=1 for a proxy. Set only one of them."
        )
    names = list_names()
    allowed = [*settings.ALLOWED_HOSTS, *(write_host(name) for name in names)]
    os.environ["TRANSCRIBE_ALLOWED_HOSTS"] = ",".join(dict.fromkeys(allowed))
    return ensure_certificate(settings.DATA_DIR, names)


def describe_service(host: str, port: int, own: OwnCertificate | None) -> list[str]:
    """Return the lines printed once the service is ready.

    They say where it is, for phones too where these can reach it.
    """
    scheme = "https" if own else "http"
    lines = [f"Transcribe is ready: {build_address(scheme, choose_own_host(host), port)}"]
    if own is None:
        return lines
    others = list_addresses() if choose_own_host(host) != host else []
    lines += [f"From other devices in this network: {scheme}://{write_host(name)}:{port}/" for name in others]
    lines.append("Browsers warn once, because nobody else vouches for the certificate. Its SHA-256 fingerprint is")
    return [*lines, own.fingerprint]


def write_host(name: str) -> str:
    """Return a name or address in the form of a URL."""
    return f"[{name}]" if ":" in name else name


def build_address(scheme: str, host: str, port: int) -> str:
    """Return the address to open.

    It holds the set-up token while there is no user yet.
    """
    base = f"{scheme}://{write_host(host)}:{port}/"
    token = ensure_setup_token()
    return f"{base}set-up/#{token}" if token else base


def collect_static_files() -> None:
    """Collect, hash and compress the static files.

    Skipped when that was done for just these files.
    """
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = hash_static_files()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest, encoding="ascii")


def hash_static_files() -> str:
    """Return a hash over all static files.

    It covers names and contents, and is the same on all machines.
    """
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
