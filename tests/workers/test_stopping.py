"""A stop in the middle of the work, and the next start."""

import os
import signal

import pytest

from jobs.models import JobEvent, Step
from jobs.states import JobState
from tests.jobs.sounds import make_tone
from tests.workers.conftest import is_running, list_children, on_sqlite, read_seconds, wait_until

pytestmark = pytest.mark.workers

ENGINE = {"TRANSCRIBE_ENGINE": "fake", "TRANSCRIBE_FAKE_ENGINE_DELAY": "0.2"}
SLOW_ENGINE = {**ENGINE, "TRANSCRIBE_FAKE_ENGINE_DELAY": "0.5"}


def test_a_stop_hands_long_work_back_and_the_next_start_goes_on(hire):
    # pains Q2, Q11
    crew = hire(**SLOW_ENGINE)
    job = crew.submit(make_tone(40))
    worker, step = crew.wait_for_chunk(job)
    child = list_children(worker)[0]
    assert crew.stop() < 10
    assert crew.list_pids() == []
    wait_until(lambda: not is_running(child), 2)
    step = Step.objects.get(pk=step.pk)
    assert (step.state, step.attempts) == ("waiting", 0)
    assert JobEvent.objects.filter(job=job, kind="step_released").count() == 1

    crew.environment["TRANSCRIBE_FAKE_ENGINE_DELAY"] = "0"
    crew.start()
    job = crew.wait_for_end(job)[0]
    assert (job.state, job.attempts, read_seconds(job)) == (JobState.COMPLETED, 1, list(range(40)))
    assert Step.objects.get(pk=step.pk).attempts == 1
    crew.clean_up()


@on_sqlite
def test_a_stop_lets_a_chunk_end_that_is_nearly_done(hire):
    # pains Q11
    crew = hire(**ENGINE)
    job = crew.submit(make_tone(15))
    _worker, step = crew.wait_for_chunk(job)
    assert crew.stop() < 10
    step.refresh_from_db()
    assert (step.state, step.attempts) == ("done", 1)
    assert JobEvent.objects.filter(job=job, kind="step_released").count() == 0
    crew.start()
    assert read_seconds(crew.wait_for_end(job)[0]) == list(range(15))
    crew.clean_up()


@on_sqlite
def test_a_supervisor_killed_leaves_no_cluster_behind(hire):
    crew = hire(**ENGINE)
    crew.wait_for_end(crew.submit(make_tone(1)))
    os.kill(crew.supervisor.pid, signal.SIGKILL)
    crew.supervisor.wait()
    wait_until(lambda: not crew.list_pids(), 15)
