"""Two workers as processes, and what happens when they are killed.

Their fake engine takes its time.
"""

import os
import signal
import time

import pytest

from foundation.database import clock
from jobs.models import Job, JobEvent, Step
from jobs.states import JobState
from tests.jobs.sounds import make_parts, make_tone
from tests.workers.conftest import is_running, list_children, on_sqlite, read_seconds, read_worker, wait_until

pytestmark = pytest.mark.workers

DELAY = "0.15"


@pytest.fixture(scope="module")
def crew(hire):
    return hire(TRANSCRIBE_ENGINE="fake", TRANSCRIBE_FAKE_ENGINE_DELAY=DELAY)


def read_progress(*jobs):
    return [job.progress for job in Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.PROCESSING)]


def count_events(job, kind):
    return JobEvent.objects.filter(job=job, kind=kind).count()


@on_sqlite
def test_several_jobs_progress_at_once(crew):
    jobs = [crew.submit(make_tone(15), owner=owner) for owner in ("anna", "ben")]

    def are_both_half_done():
        progress = read_progress(*jobs)
        return len(progress) == 2 and all(0 < percent < 100 for percent in progress)

    wait_until(are_both_half_done, 15)
    assert [read_seconds(job) for job in crew.wait_for_end(*jobs)] == [list(range(15))] * 2


@on_sqlite
def test_one_long_recording_uses_all_workers(crew):
    job = crew.submit(make_parts(5, seconds=4))
    crew.wait_for_end(job)
    workers = {read_worker(step) for step in Step.objects.filter(job=job, kind="chunk").exclude(claimed_by="")}
    assert len(workers) == 2


def test_a_worker_killed_in_mid_chunk_costs_that_chunk_alone(crew):
    # pains Q1, Q2, Q11
    job = crew.submit(make_parts(3, seconds=12))
    worker, step = crew.wait_for_chunk(job)
    child = list_children(worker)[0]
    os.kill(worker, signal.SIGKILL)
    killed_at = time.monotonic()
    wait_until(lambda: not is_running(child), 2)
    job = crew.wait_for_end(job, seconds=25)[0]
    assert time.monotonic() - killed_at < 20
    # Each part lasts 12 s, and a little longer where a pause follows.
    assert read_seconds(job) == [*range(13), *range(23, 36), *range(46, 58)]
    assert (count_events(job, "lease_expired"), Step.objects.get(pk=step.pk).attempts) == (1, 2)
    assert set(Step.objects.filter(job=job).exclude(pk=step.pk).values_list("attempts", flat=True)) <= {0, 1}


@on_sqlite
def test_an_idle_worker_killed_stops_nobody(crew):
    done = crew.submit(make_parts(4, seconds=4))
    crew.wait_for_end(done)
    step = Step.objects.filter(job=done, kind="finish").get()
    os.kill(read_worker(step), signal.SIGKILL)
    assert crew.wait_for_end(crew.submit(make_tone(2)), seconds=40)[0].state == JobState.COMPLETED


@on_sqlite
def test_a_cluster_killed_is_replaced(crew):
    # pains Q1
    job = crew.submit(make_tone(15))
    worker, step = crew.wait_for_chunk(job)
    cluster = crew.find_cluster()
    os.kill(cluster, signal.SIGKILL)
    wait_until(lambda: not is_running(worker), 5)
    Step.objects.filter(pk=step.pk, state="running").update(lease_expires_at=clock.now_in_database(-1))
    job = crew.wait_for_end(job, seconds=25)[0]
    assert (job.state, read_seconds(job)) == (JobState.COMPLETED, list(range(15)))
    assert crew.find_cluster() != cluster
