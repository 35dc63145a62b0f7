"""The program's workers on a data folder of their own.

For measurements; submissions are made in this process.
"""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.postgres import PostgresServer

if TYPE_CHECKING:
    from jobs.models import Job

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("sqlite", "postgresql")
PATIENCE_SECONDS = 1800.0
# Seldom enough to take nothing from what is measured: times are read from what the program has stored.
INTERVAL_SECONDS = 0.05


class Service:
    """One stack.

    As a context manager it sets Django up, once in a process, and takes everything down at the end.
    """

    def __init__(self, stack: str, model: str = "tiny.en") -> None:
        self.stack = stack
        self.model = model
        self.exits = ExitStack()
        self.supervisor: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(self.exits.enter_context(tempfile.TemporaryDirectory(prefix="transcribe-bench-")))
        url = ""
        if self.stack == "postgresql":
            url = self.exits.enter_context(PostgresServer()).create_database("transcribe")
        os.environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
                "DATABASE_URL": url,
                "TRANSCRIBE_DATA_DIR": str(self.folder / "data"),
                "TRANSCRIBE_MODEL": self.model,
                "TRANSCRIBE_MIN_FREE_MB": "0",
                "TRANSCRIBE_LOG_LEVEL": "ERROR",
            }
        )
        import django  # noqa: PLC0415 - the settings are read from the environment

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        from accounts.models import User  # noqa: PLC0415

        call_command("migrate", verbosity=0, interactive=False)
        self.owner = User.objects.create_user("anna")
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        self.exits.close()

    def start(self, workers: int) -> None:
        """Start the supervisor with a number of workers."""
        environment = {**os.environ, "TRANSCRIBE_WORKERS": str(workers)}
        self.supervisor = subprocess.Popen(
            [sys.executable, "manage.py", "workers", "--skip-checks"], cwd=ROOT, env=environment
        )

    def stop(self) -> None:
        """End the supervisor with its workers."""
        if self.supervisor is not None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait()
            self.supervisor = None

    def submit(self, file: Path) -> "Job":
        """Submit a file as an upload that has just arrived.

        It is always transcribed again.
        """
        from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

        from jobs.domain.intake.submit import submit_upload  # noqa: PLC0415

        content = file.read_bytes()
        upload: Any = SimpleUploadedFile(file.name, content)
        upload.sha256 = hashlib.sha256(content).hexdigest()
        return submit_upload(self.owner, upload, force=True)

    def wait_for(self, job: "Job") -> None:
        """Wait until a job is completed.

        Raises:
            RuntimeError: it ended otherwise, or did not within PATIENCE_SECONDS.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            job.refresh_from_db()
            if job.finished_at is not None:
                break
            time.sleep(INTERVAL_SECONDS)
        if job.state != "completed":
            raise RuntimeError(f"the job is {job.state}: {job.error_code}")

    def time_job(self, file: Path) -> float:
        """Return the seconds from the upload to the completed job."""
        started_at = time.time()
        job = self.submit(file)
        self.wait_for(job)
        return job.finished_at.timestamp() - started_at if job.finished_at else float("inf")

    def warm_up(self, file: Path, workers: int) -> None:
        """Have every worker load its model and the analysis.

        By as many jobs at once as there are workers, twice.
        """
        for _ in range(2):
            for job in [self.submit(file) for _ in range(2 * workers)]:
                self.wait_for(job)
