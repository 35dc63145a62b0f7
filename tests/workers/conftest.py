"""Real worker processes on a data folder of their own.

This process looks into it.
"""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from accounts.models import User
from jobs.domain.base import engines
from jobs.domain.intake import submit
from jobs.models import Job, Step
from tests.databases import STACKS, use_database
from tests.jobs.sounds import build_upload, wrap_wav

# Where the database does not matter, or the chaos tests do the same on both.
on_sqlite = pytest.mark.parametrize("hire", ["sqlite"], indirect=True, scope="module")
ROOT = Path(__file__).resolve().parents[2]
INTERVAL_SECONDS = 0.05


def wait_until(condition, seconds):
    """Wait for `condition` to return something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(INTERVAL_SECONDS)
    raise AssertionError(f"not within {seconds} s: {condition.__name__}")


def list_processes():
    """Return the folders in /proc of all processes."""
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def read_stat(process):
    """Return the fields of a process from its state on.

    None when it has gone.
    """
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def list_children(pid):
    return [int(process.name) for process in list_processes() if read_stat(process)[1:2] == [str(pid)]]


def is_running(pid):
    return read_stat(Path("/proc") / str(pid))[:1] not in ([], ["Z"])


class Crew:
    """One `manage.py workers` with all that it starts."""

    def __init__(self, folder, url, **environment):
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
            "TRANSCRIBE_DATA_DIR": str(folder),
            "TRANSCRIBE_SECRET_KEY": settings.SECRET_KEY,  # or else our wake-ups would be refused
            "TRANSCRIBE_MIN_FREE_MB": "0",
            "TRANSCRIBE_WORKERS": "2",
            **environment,
        }
        self.supervisor = None

    def start(self):
        command = [sys.executable, "manage.py", "workers"]
        self.supervisor = subprocess.Popen(command, cwd=ROOT, env=self.environment)

    def stop(self, seconds=20):
        """Stop it as a person would; return the seconds of the stop."""
        started_at = time.monotonic()
        self.supervisor.send_signal(signal.SIGTERM)
        self.supervisor.wait(seconds)
        return time.monotonic() - started_at

    def list_pids(self):
        """Return all processes of this data folder.

        Engine children are left out.
        """
        mark = f"TRANSCRIBE_DATA_DIR={self.folder}".encode()
        return [int(process.name) for process in list_processes() if mark in self.read_environment(process)]

    def read_environment(self, process):
        try:
            return (process / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return []

    def find_cluster(self):
        """Return the process id of the cluster's parent."""
        return list_children(self.supervisor.pid)[0]

    def clean_up(self):
        # Again and again: one that was just being started was not on the list yet.
        while pids := self.list_pids():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(INTERVAL_SECONDS)
        if self.supervisor is not None:
            self.supervisor.wait(5)

    def submit(self, samples, owner="anna"):
        user, _ = User.objects.get_or_create(username=owner)
        return submit.submit_upload(user, build_upload(wrap_wav(samples)), force=True)

    def wait_for_end(self, *jobs, seconds=20):
        """Wait until all jobs have ended and return them."""

        def list_ended():
            ended = list(Job.objects.filter(pk__in=[job.pk for job in jobs], finished_at__isnull=False))
            return ended if len(ended) == len(jobs) else []

        return wait_until(list_ended, seconds)

    def wait_for_chunk(self, job, seconds=10):
        """Wait until a worker is in the middle of a chunk.

        Returns the worker's process id and the step of `job`.
        """

        def find_half_done():
            return Step.objects.filter(job=job, kind="chunk", state="running", seconds_done__gt=0).first()

        step = wait_until(find_half_done, seconds)
        return read_worker(step), step


def read_worker(step):
    """Return the process id of the worker that claimed a step last."""
    return int(step.claimed_by.split(":")[1])


def read_seconds(job):
    """Return the seconds with a word of the fake engine, in order."""
    return [int(number) for number in re.findall(r"[a-z](\d+)", job.transcript.text)]


@pytest.fixture(scope="module", params=STACKS)
def hire(request, django_db_blocker, tmp_path_factory):
    """Start crews on one data folder and database, of either stack.

    All their processes end with the module.
    """
    folder = tmp_path_factory.mktemp("site")
    crews = []

    def start(**environment):
        crew = Crew(folder, url, **environment)
        crews.append(crew)
        crew.start()
        return crew

    (folder / "incoming").mkdir()
    options = {
        "ENGINE": "fake",
        "DATA_DIR": folder,
        "MEDIA_ROOT": folder / "media",
        "TEMPORARY_DIR": folder / "incoming",
        "MIN_FREE_MB": 0,
    }
    with override_settings(**options), use_database(request.param, folder, django_db_blocker) as url:
        engines.remember_model.cache_clear()
        yield start
        for crew in crews:
            crew.clean_up()
        engines.remember_model.cache_clear()
