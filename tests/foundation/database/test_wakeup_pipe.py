"""A wake-up reaches this machine's clusters at once.

A machine without named pipes does without.
"""

import contextlib
import os
import threading
import time

import pytest
from django_q.brokers import get_broker

from foundation.database import clusters, wakeup, wakeup_pipe
from jobs.models import Step

LONG, AT_ONCE = 20.0, 5.0


@pytest.fixture
def our_pipe():
    ours = wakeup_pipe.WakeupPipe(clusters.build_cluster_name("one"))
    ours.wait(0)
    return ours


def measure_wait(ours):
    started_at = time.monotonic()
    ours.wait(LONG)
    return time.monotonic() - started_at


def test_a_rung_bell_ends_the_wait(our_pipe):
    threading.Timer(0.05, wakeup_pipe.wake_clusters).start()
    assert 0.02 < measure_wait(our_pipe) < AT_ONCE


def test_a_bell_that_was_rung_before_the_wait_is_heard(our_pipe):
    wakeup_pipe.wake_clusters()
    assert measure_wait(our_pipe) < AT_ONCE


def test_a_bell_that_was_rung_many_times_wakes_once(our_pipe):
    for _ in range(10):
        wakeup_pipe.wake_clusters()
    our_pipe.wait(LONG)
    started_at = time.monotonic()
    our_pipe.wait(0.2)
    assert time.monotonic() - started_at >= 0.2


def test_a_full_pipe_stops_nobody_who_rings(our_pipe):
    path = wakeup_pipe.get_pipe_path(clusters.build_cluster_name("one"))
    pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(pipe, bytes(65536)):
            pass
    os.close(pipe)
    wakeup_pipe.wake_clusters()
    assert measure_wait(our_pipe) < AT_ONCE


def test_a_bell_that_nobody_waits_at_any_more_goes():
    left = wakeup_pipe.get_pipe_path(clusters.build_cluster_name("gone"))
    left.parent.mkdir(exist_ok=True)
    os.mkfifo(left)
    wakeup_pipe.wake_clusters()
    assert not left.exists()


def test_the_bells_of_other_machines_are_left_alone(our_pipe):
    other = wakeup_pipe.WakeupPipe("elsewhere-one")
    other.wait(0)
    wakeup_pipe.wake_clusters()
    started_at = time.monotonic()
    other.wait(0.2)
    assert time.monotonic() - started_at >= 0.2


def test_where_there_are_no_named_pipes_it_waits_all_the_same(monkeypatch):
    monkeypatch.setattr(wakeup_pipe.os, "mkfifo", lambda *arguments: (_ for _ in ()).throw(PermissionError()))
    ours = wakeup_pipe.WakeupPipe(clusters.build_cluster_name("two"))
    started_at = time.monotonic()
    ours.wait(0.2)
    assert time.monotonic() - started_at >= 0.2


def test_the_broker_of_the_settings_takes_a_nudge_as_soon_as_it_is_sent(transactional_db, settings):
    broker = get_broker()
    # The first look finds nothing and makes the pipe.
    settings.POLL_SECONDS = 0
    assert broker.dequeue() is None
    settings.POLL_SECONDS = LONG
    wakeup.send_wakeups(Step)
    started_at = time.monotonic()
    messages = broker.dequeue() or broker.dequeue()
    assert (len(messages), time.monotonic() - started_at < AT_ONCE) == (1, True)
