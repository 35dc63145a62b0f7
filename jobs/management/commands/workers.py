"""Runs the workers of this machine.

It starts the cluster, reaps, and watches.
"""

import contextlib
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from foundation.database import clock, clusters, leased_queue, wakeup_pipe
from foundation.database.outage import OUTAGES
from jobs import conf, signals
from jobs.domain.base import engines, storage
from jobs.domain.feed import job_feed
from jobs.domain.intake import idempotency, recorder, resumable_uploads
from jobs.domain.steps import watchdog
from jobs.management.processes import start_tied_process
from jobs.management.startup import describe_error, is_of_other_version, is_up_to_date

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.5
STOP_SECONDS = 20.0
# A new cluster needs a moment to fork its workers before it can be called silent, and after an outage django-q2 waits
# for ten seconds before it looks for messages again.
START_SECONDS = 15.0
TIDY_SECONDS = 600.0
MAX_CLOCK_SKEW_SECONDS = 1.0


class Cluster:
    """One `qcluster` in a session of its own.

    It outlives no stop and no silence.
    """

    def __init__(self) -> None:
        self.name = clusters.build_cluster_name(secrets.token_hex(3))
        self.watched_from = time.monotonic() + START_SECONDS
        environment = {**os.environ, clusters.CLUSTER_VARIABLE: self.name}
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "qcluster", "--skip-checks"]
        self.process = start_tied_process(command, env=environment, start_new_session=True)

    def is_running(self) -> bool:
        """Whether the cluster's parent process is alive."""
        return self.process.poll() is None

    def is_silent(self) -> bool:
        """Whether it leaves work lying after its time to start."""
        return time.monotonic() > self.watched_from and watchdog.is_cluster_silent(self.name)

    def stop(self) -> None:
        """Have the workers release their steps and end the parent.

        What does not end is killed.
        """
        mark = clusters.get_stop_mark(self.name)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("cluster %s did not stop in time and is killed", self.name)
        self.kill()
        mark.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the whole process group.

        The reaper returns the steps that it held.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wakeup_pipe.get_pipe_path(self.name).unlink(missing_ok=True)


class Supervisor:
    """Keeps one cluster running until a stop signal."""

    def __init__(self) -> None:
        self.stopping = False
        self.cluster: Cluster | None = None
        self.next_reap = 0.0
        self.next_tidying = 0.0
        # Until it has answered once: without it a cluster ends at once.
        self.is_database_away = True
        self.complaint = ""

    def run(self) -> None:
        """Start the cluster and look after it; returns after a stop signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request_stop)
        try:
            while not self.stopping:
                self.reap_when_due()
                if not self.is_database_away:
                    self.look_after_cluster()
                time.sleep(INTERVAL_SECONDS)
        finally:
            if self.cluster is not None:
                self.cluster.stop()

    def request_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Remember the stop signal."""
        self.stopping = True

    def look_after_cluster(self) -> None:
        """Start the cluster or replace one that ended."""
        if self.cluster is None:
            self.cluster = Cluster()
        elif not self.cluster.is_running():
            logger.error("cluster %s ended by itself; starting another", self.cluster.name)
            self.replace_cluster(self.cluster)

    def replace_cluster(self, old: Cluster) -> None:
        """Kill the rest of `old` and start a new cluster."""
        old.kill()
        self.cluster = Cluster()

    def reap_when_due(self) -> None:
        """Reap and watch every REAP_SECONDS.

        A database that is away is waited for.
        """
        now = time.monotonic()
        if now < self.next_reap:
            return
        self.next_reap = now + conf.REAP_SECONDS
        try:
            close_old_connections()
            if self.is_database_away:
                self.greet_database(now)
            else:
                self.reap(now)
        except OUTAGES as error:
            self.is_database_away = True
            self.complain(f"the database does not answer; waiting for it: {describe_error(error)}")
        except Exception:
            logger.exception("the reaper failed; trying again")

    def complain(self, words: str) -> None:
        """Log a trouble with the database once."""
        if words != self.complaint:
            logger.error(words)
        self.complaint = words

    def greet_database(self, now: float) -> None:
        """Go on once the database answers and is up to date.

        After an outage workers get the time to renew their leases, and the cluster to fetch its messages again.

        Raises:
            OperationalError: it does not answer.
        """
        clock.read_database_time()
        if not is_up_to_date():
            how = "upgrade_data`" if is_of_other_version() else "serve` or `manage.py migrate`"
            self.complain(f"the database is not up to date; waiting for `manage.py {how}")
            return
        self.is_database_away = False
        self.next_reap = now
        if self.complaint:
            self.complaint = ""
            self.next_reap = now + conf.OUTAGE_GRACE_SECONDS
            logger.warning("the database answers again")
        if self.cluster is not None:
            self.cluster.watched_from = now + START_SECONDS

    def reap(self, now: float) -> None:
        """Do one round of reaping, watching and sometimes tidying.

        Tidying is done every ten minutes.
        """
        leased_queue.reap_all()
        resumable_uploads.ingest_stranded()
        if self.cluster is not None and self.cluster.is_silent():
            logger.error("cluster %s is silent; restarting it", self.cluster.name)
            self.replace_cluster(self.cluster)
        if now >= self.next_tidying:
            self.next_tidying = now + TIDY_SECONDS
            recorder.finish_abandoned()
            resumable_uploads.remove_expired()
            storage.remove_stale_files()
            idempotency.remove_expired_keys()
            job_feed.remove_old()
            signals.tidied.send_robust(sender=type(self))
            warn_of_clock_skew()
            warn_of_short_disk()


def warn_of_clock_skew() -> None:
    """Warn when this machine's clock differs from the database's.

    Leases go by the latter.
    """
    skew = clock.measure_clock_skew()
    if abs(skew) > MAX_CLOCK_SKEW_SECONDS:
        logger.warning("this machine's clock is %.1f s away from the database's", skew)


def warn_of_short_disk() -> None:
    """Warn when the disk has too little free space.

    Recordings wait to be decoded until there is enough.
    """
    if not storage.has_free_space():
        logger.warning("too little room on the disk: new recordings are refused, and others wait")


class Command(BaseCommand):
    """`manage.py workers`: runs all that a working machine needs."""

    help = "Runs this machine's workers, puts right what dead ones left, and restarts them when they fall silent."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Ensure the model and run until stopped.

        The model may come from Hugging Face.
        """
        engines.find_model(engines.get_model_name(), allow_download=True)
        Supervisor().run()
