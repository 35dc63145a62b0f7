import logging

import pytest
from django.db import OperationalError
from django.utils import timezone

from foundation.database import clusters
from foundation.database.leased_rows import LeaseLost
from jobs.domain.queue import heartbeat, leases
from jobs.models import Step


@pytest.fixture
def lease(make_job, anna):
    make_job(anna)
    return leases.claim_step()


@pytest.fixture
def start_beat(monkeypatch):
    """Start a heartbeat whose clock stands still.

    But for the seconds by which each beat is later.
    """

    def start(lease, **options):
        moment = [1000.0]
        monkeypatch.setattr(heartbeat.time, "monotonic", lambda: moment[0])
        started = {"started_at": moment[0], "checked_at": moment[0], "renewed_at": moment[0]}
        tick = heartbeat.Heartbeat(lease, **started, **options)

        def beat(later, seconds_done=0.0):
            moment[0] += later
            tick(seconds_done)

        return beat

    return start


@pytest.fixture
def stop(monkeypatch, data_dir):
    """Ask this process's cluster to stop."""
    monkeypatch.setenv(clusters.CLUSTER_VARIABLE, "cluster")

    def ask():
        clusters.get_run_dir().mkdir()
        (clusters.get_run_dir() / "cluster.stop").touch()

    return ask


def read_step():
    return Step.objects.get(kind="prepare")


def test_a_heartbeat_does_nothing_within_a_second(lease, start_beat, django_assert_num_queries):
    beat = start_beat(lease)
    with django_assert_num_queries(0):
        beat(0.9)


def test_a_heartbeat_notices_a_lost_lease_after_a_second(lease, start_beat):
    # pains Q7
    beat = start_beat(lease)
    leases.release_step(lease)
    with pytest.raises(LeaseLost):
        beat(1)


def test_a_heartbeat_that_checks_does_not_renew(lease, expire, start_beat):
    beat = start_beat(lease)
    expire(lease)
    beat(1)
    assert read_step().lease_expires_at < timezone.now()


def test_a_heartbeat_renews_every_three_seconds(lease, expire, start_beat):
    beat = start_beat(lease)
    expire(lease)
    beat(3)
    assert read_step().lease_expires_at > timezone.now()


def test_a_heartbeat_stores_at_once_how_far_the_engine_is(lease, start_beat):
    # pains Q8
    beat = start_beat(lease)
    beat(1, seconds_done=7.5)
    assert read_step().seconds_done == 7.5


def test_a_heartbeat_reports_when_it_renews(lease, start_beat):
    reports = []
    beat = start_beat(lease, report=lambda: reports.append(1))
    for _ in range(6):
        beat(1)
    assert len(reports) == 2


def test_a_heartbeat_notices_that_the_cluster_stops(lease, start_beat, stop):
    beat = start_beat(lease)
    stop()
    with pytest.raises(heartbeat.StopRequested):
        beat(1)


def test_a_step_that_is_nearly_done_is_done_before_the_cluster_stops(lease, start_beat, stop):
    beat = start_beat(lease, seconds=60)
    beat(10, seconds_done=40)
    stop()
    beat(1, seconds_done=44)
    beat(3, seconds_done=56)


def test_a_step_that_would_take_long_is_given_back_at_a_stop(lease, start_beat, stop):
    beat = start_beat(lease, seconds=60)
    beat(10, seconds_done=20)
    stop()
    with pytest.raises(heartbeat.StopRequested):
        beat(1, seconds_done=22)


def test_a_step_that_comes_to_a_halt_is_given_back_in_the_end(lease, start_beat, stop):
    beat = start_beat(lease, seconds=60)
    beat(10, seconds_done=50)
    stop()
    beat(1, seconds_done=50)
    with pytest.raises(heartbeat.StopRequested):
        beat(9, seconds_done=50)


def test_the_work_goes_on_while_the_database_is_away(lease, start_beat, monkeypatch, caplog):
    beat = start_beat(lease)

    def fail(*_arguments, **_fields):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(leases.Lease, "check", fail)
    with caplog.at_level(logging.WARNING):
        beat(1)
    assert [record.getMessage() for record in caplog.records] == [
        "the database does not answer; working on: server closed the connection"
    ]


def test_a_lease_that_could_not_be_renewed_is_renewed_at_the_next_beat(lease, start_beat, expire, monkeypatch):
    beat, renew = start_beat(lease), leases.renew_lease
    tries = []

    def fail_once(*arguments, **fields):
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError
        renew(*arguments, **fields)

    monkeypatch.setattr(leases, "renew_lease", fail_once)
    expire(lease)
    beat(3)
    beat(1)
    assert read_step().lease_expires_at > timezone.now()


def test_a_cluster_stops_only_at_its_own_mark(data_dir, monkeypatch):
    monkeypatch.setenv(clusters.CLUSTER_VARIABLE, "cluster")
    clusters.get_run_dir().mkdir()
    (clusters.get_run_dir() / "another.stop").touch()
    assert not heartbeat.is_stopping()


def test_a_process_outside_a_cluster_never_stops(data_dir, monkeypatch):
    monkeypatch.delenv(clusters.CLUSTER_VARIABLE, raising=False)
    assert not heartbeat.is_stopping()
