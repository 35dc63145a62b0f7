"""The supervisor of `manage.py workers`.

Small programs stand for django-q2's cluster.
"""

import os
import signal
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from foundation.database import clusters
from jobs import conf
from jobs.management import processes
from jobs.management.commands import workers
from jobs.models import Step

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def run_instead(monkeypatch, data_dir):
    """Make clusters run some code instead of django-q2.

    They end with the test.
    """
    started = []

    def let(code):
        def start(command, **options):
            started.append((command, processes.start_tied_process([sys.executable, "-c", code], **options)))
            return started[-1][1]

        monkeypatch.setattr(workers, "start_tied_process", start)
        return started

    yield let
    for _, program in started:
        program.kill()
        program.wait()


@pytest.fixture
def supervisor(run_instead):
    run_instead(SLEEP)
    supervisor = workers.Supervisor()
    supervisor.is_database_away = False
    return supervisor


@pytest.fixture
def keep_signals():
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def count_calls(monkeypatch, owner, name, answer=None):
    calls = []
    monkeypatch.setattr(owner, name, lambda *args, **kwargs: calls.append(args) or answer)
    return calls


def test_a_cluster_is_django_q_in_a_session_of_its_own(run_instead):
    started = run_instead(SLEEP)
    cluster = workers.Cluster()
    assert started[0][0][-2:] == ["qcluster", "--skip-checks"]
    assert (cluster.is_running(), os.getsid(cluster.process.pid)) == (True, cluster.process.pid)


def test_a_cluster_tells_its_workers_its_name(run_instead):
    run_instead(f"import os; raise SystemExit(len(os.environ['{clusters.CLUSTER_VARIABLE}']))")
    cluster = workers.Cluster()
    assert cluster.process.wait() == len(cluster.name)


def test_a_supervisor_starts_one_cluster(supervisor):
    supervisor.look_after_cluster()
    first = supervisor.cluster
    supervisor.look_after_cluster()
    assert supervisor.cluster is first


def test_a_cluster_that_ended_is_replaced(supervisor, caplog):
    supervisor.look_after_cluster()
    first = supervisor.cluster
    first.kill()
    supervisor.look_after_cluster()
    assert (supervisor.cluster is first, supervisor.cluster.is_running()) == (False, True)
    assert caplog.messages == [f"cluster {first.name} ended by itself; starting another"]


def test_a_silent_cluster_is_killed_and_replaced(db, supervisor, monkeypatch, caplog):
    supervisor.look_after_cluster()
    first = supervisor.cluster
    first.watched_from -= workers.START_SECONDS
    monkeypatch.setattr(workers.watchdog, "is_cluster_silent", lambda name: name == first.name)
    supervisor.reap(0.0)
    assert (first.is_running(), supervisor.cluster.is_running()) == (False, True)
    assert caplog.messages == [f"cluster {first.name} is silent; restarting it"]


def test_a_cluster_has_time_to_start(run_instead, monkeypatch):
    run_instead(SLEEP)
    monkeypatch.setattr(workers.watchdog, "is_cluster_silent", lambda name: True)
    assert not workers.Cluster().is_silent()


def test_a_stop_is_marked_for_the_workers_until_the_cluster_has_ended(run_instead, monkeypatch):
    run_instead(SLEEP)
    cluster = workers.Cluster()
    mark = clusters.get_run_dir() / f"{cluster.name}.stop"
    seen = []
    wait = cluster.process.wait
    monkeypatch.setattr(cluster.process, "wait", lambda *args: seen.append(mark.exists()) or wait(*args))
    cluster.stop()
    assert (seen[0], mark.exists(), cluster.is_running()) == (True, False, False)


def test_a_cluster_that_does_not_stop_is_killed(run_instead, monkeypatch, caplog):
    run_instead(SLEEP)
    monkeypatch.setattr(workers, "STOP_SECONDS", 0.5)
    cluster = workers.Cluster()
    monkeypatch.setattr(cluster.process, "terminate", lambda: None)
    cluster.stop()
    assert cluster.process.returncode == -signal.SIGKILL
    assert caplog.messages == [f"cluster {cluster.name} did not stop in time and is killed"]


def test_the_sweep_has_its_pace(supervisor, monkeypatch):
    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    calls = count_calls(monkeypatch, supervisor, "reap")
    supervisor.reap_when_due()
    supervisor.reap_when_due()
    supervisor.next_reap -= conf.REAP_SECONDS
    supervisor.reap_when_due()
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OperationalError("gone\nfor good"), "the database does not answer; waiting for it: gone"),
        (ZeroDivisionError("a bug"), "the reaper failed; trying again"),
    ],
)
def test_a_sweep_that_fails_is_tried_again(db, supervisor, monkeypatch, caplog, error, message):
    def fail(now):
        raise error

    monkeypatch.setattr(supervisor, "reap", fail)
    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    supervisor.reap_when_due()
    assert caplog.messages == [message]
    assert supervisor.is_database_away == isinstance(error, OperationalError)


def test_after_an_outage_workers_have_time_to_renew_their_leases(
    make_job, claim, expire, anna, supervisor, monkeypatch
):
    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    make_job(anna)
    expire(claim())
    supervisor.is_database_away = True
    supervisor.complain("the database does not answer")
    supervisor.reap_when_due()
    supervisor.next_reap -= conf.REAP_SECONDS
    supervisor.reap_when_due()
    assert Step.objects.get().state == "running"
    supervisor.next_reap -= conf.OUTAGE_GRACE_SECONDS
    supervisor.reap_when_due()
    assert Step.objects.get().state == "waiting"


def test_after_an_outage_a_cluster_has_time_to_look_for_messages(db, supervisor, monkeypatch):
    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    monkeypatch.setattr(workers.watchdog, "is_cluster_silent", lambda name: True)
    supervisor.look_after_cluster()
    supervisor.cluster.watched_from -= workers.START_SECONDS
    supervisor.is_database_away = True
    supervisor.reap_when_due()
    assert not supervisor.cluster.is_silent()


def test_an_outage_that_goes_on_is_told_once(db, supervisor, monkeypatch, caplog):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    monkeypatch.setattr(workers.clock, "read_database_time", fail)
    supervisor.is_database_away = True
    for _ in range(2):
        supervisor.next_reap = 0
        supervisor.reap_when_due()
    assert supervisor.is_database_away
    assert caplog.messages == ["the database does not answer; waiting for it: gone"]


@pytest.mark.parametrize(
    ("change", "commands"),
    [
        (lambda history: history.record_unapplied("jobs", "0001_initial"), "`manage.py serve` or `manage.py migrate`"),
        (lambda history: history.record_applied("jobs", "0099_later"), "`manage.py upgrade_data`"),
    ],
)
def test_no_cluster_is_started_before_the_database_is_up_to_date(
    db, run_instead, monkeypatch, keep_signals, caplog, change, commands
):
    run_instead(SLEEP)
    monkeypatch.setattr(workers, "close_old_connections", lambda: None)
    change(MigrationRecorder(connection))
    supervisor = workers.Supervisor()
    monkeypatch.setattr(workers.time, "sleep", lambda seconds: signal.raise_signal(signal.SIGTERM))
    supervisor.run()
    assert supervisor.cluster is None
    assert caplog.messages == [f"the database is not up to date; waiting for {commands}"]


def test_keys_of_yesterday_are_deleted(db, supervisor, monkeypatch):
    calls = count_calls(monkeypatch, workers.idempotency, "remove_expired_keys")
    supervisor.reap(0.0)
    assert len(calls) == 1


def test_tidying_is_done_once_an_hour(db, supervisor, monkeypatch):
    calls = count_calls(monkeypatch, workers.storage, "remove_stale_files")
    for now in (10.0, 3609.0, 3611.0):
        supervisor.reap(now)
    assert len(calls) == 2


@pytest.mark.parametrize(("skew", "warnings"), [(0.5, 0), (1.5, 1), (-1.5, 1)])
def test_a_clock_that_is_off_is_named(monkeypatch, caplog, skew, warnings):
    monkeypatch.setattr(workers.clock, "measure_clock_skew", lambda: skew)
    workers.warn_of_clock_skew()
    assert len(caplog.messages) == warnings


def test_a_supervisor_runs_until_it_is_told_to_stop(supervisor, monkeypatch, keep_signals):
    monkeypatch.setattr(workers, "INTERVAL_SECONDS", 0)
    monkeypatch.setattr(supervisor, "reap_when_due", lambda: signal.raise_signal(signal.SIGTERM))
    supervisor.run()
    assert not supervisor.cluster.is_running()


def test_a_supervisor_that_fails_before_it_has_a_cluster_stops_nothing(supervisor, monkeypatch, keep_signals):
    monkeypatch.setattr(supervisor, "look_after_cluster", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        supervisor.run()


def test_the_start_looks_for_the_model_at_the_hub_too(data_dir, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(
        workers.engines, "locate_model", lambda name, folder, *, allow_download: asked.append(allow_download)
    )
    monkeypatch.setattr(workers.Supervisor, "run", lambda self: None)
    call_command("workers")
    assert asked == [True]


@pytest.mark.parametrize(("megabytes", "lines"), [(0, 0), (10**9, 1)])
def test_a_short_disk_is_told(data_dir, settings, caplog, megabytes, lines):
    settings.MIN_FREE_MB = megabytes
    workers.warn_of_short_disk()
    assert caplog.text.count("too little room on the disk") == lines


def test_elsewhere_than_on_linux_a_program_is_not_tied(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    assert processes.choose_preparation() is None
