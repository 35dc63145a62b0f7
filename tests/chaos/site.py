"""The service under attack: a web server and machines.

The supervisors of the machines keep workers.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.chaos import processes
from tests.postgres import find_free_port

ROOT = Path(__file__).resolve().parents[2]
CLOCK = Path(__file__).parent / "clock"
# Workers of each machine; SQLite serves one machine alone.
MACHINES = {"sqlite": (4,), "postgresql": (2, 2)}
START_SECONDS = 60
MAX_ATTEMPTS = 8
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
    "TRANSCRIBE_MODEL": "tiny.en",
    "TRANSCRIBE_SECRET_KEY": "chaos " * 10,
    "TRANSCRIBE_MIN_FREE_MB": "24",
    "TRANSCRIBE_SUBMIT_RATE": "100000/minute",
    # Kills come far more often than in life, and so must tries.
    "TRANSCRIBE_MAX_ATTEMPTS": str(MAX_ATTEMPTS),
    "TRANSCRIBE_RETRY_BASE_SECONDS": "0.3",
    "TRANSCRIBE_RETRY_CAP_SECONDS": "2",
}


def build_environment(ground, url):
    """Return the settings of all processes of the service."""
    folders = {"TRANSCRIBE_DATA_DIR": str(ground.data), "CHAOS_FOLDER": str(ground.marks)}
    return {**SETTINGS, **folders, "DATABASE_URL": url}


class Machine:
    """One supervisor with its cluster.

    What ends is started again, as an init system does it.
    """

    def __init__(self, site, name, workers):
        self.site, self.name, self.workers = site, name, workers
        self.supervisor = None
        self.starts_at = 0.0
        self.offset = 0.0

    def start(self):
        environment = {"TRANSCRIBE_WORKERS": str(self.workers), "PYTHONPATH": str(CLOCK)}
        environment["CHAOS_CLOCK_OFFSET"] = str(self.offset)
        self.supervisor = self.site.start_program(self.name, ["manage.py", "workers"], environment)

    def look_after(self, now):
        """Start the supervisor again a second after it has ended."""
        if self.supervisor.poll() is None:
            self.starts_at = now + 1
        elif now >= self.starts_at:
            self.start()

    def find_cluster(self):
        """Return the process id of django-q2's parent, or None."""
        return next(iter(processes.list_children(self.supervisor.pid)), None)

    def list_workers(self):
        """Return the workers that `clock/sitecustomize.py` has marked."""
        cluster = self.find_cluster()
        family = processes.list_family(cluster) if cluster else []
        return [pid for pid in family if (self.site.ground.marks / f"worker.{pid}").exists()]


class Site:
    """Everything that runs on one data folder and one database."""

    def __init__(self, stack, ground):
        self.stack, self.ground = stack, ground
        self.port = find_free_port()
        self.machines = [Machine(self, f"machine-{index}", number) for index, number in enumerate(MACHINES[stack])]

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start_program(self, name, words, environment):
        with (self.ground.logs / f"{name}.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self):
        """Start web server and machines.

        Raises:
            RuntimeError: the server does not come up.
        """
        server = ["-m", "uvicorn", "transcribe_site.asgi:application", "--port", str(self.port)]
        self.start_program("web", [*server, "--log-level", "warning"], {})
        for machine in self.machines:
            machine.start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/version", timeout=2):  # noqa: S310 - our own server
                return
            time.sleep(0.1)
        raise RuntimeError("the web server did not start")

    def look_after(self):
        for machine in self.machines:
            machine.look_after(time.monotonic())

    def share_workers(self, number):
        """Let the machines have `number` workers together from their next start."""
        for machine in self.machines:
            machine.workers = number // len(self.machines)

    def deploy_usual_workers(self):
        """Stop all machines gracefully and start the usual ones."""
        for machine, workers in zip(self.machines, MACHINES[self.stack], strict=True):
            machine.workers = workers
            machine.supervisor.send_signal(signal.SIGTERM)
        for machine in self.machines:
            machine.supervisor.wait(START_SECONDS)
            machine.start()

    def list_workers(self):
        return [pid for machine in self.machines for pid in machine.list_workers()]

    def close(self):
        """End every process on this data folder.

        Engines end with their workers.
        """
        while pids := set(processes.list_marked(f"TRANSCRIBE_DATA_DIR={self.ground.data}")) - {os.getpid()}:
            for pid in pids:
                processes.send_signal(pid, signal.SIGKILL)
            time.sleep(0.1)
