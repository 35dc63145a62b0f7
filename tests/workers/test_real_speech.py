"""Real speech and engine with two workers, one of which dies."""

import os
import signal

import numpy as np
import pytest

from jobs.models import Step
from jobs.states import JobState
from tests.engine.sounds import read_speech
from tests.speech import TWO_CITIES, rate_errors
from tests.workers.conftest import on_sqlite, read_worker, wait_until

pytestmark = [pytest.mark.workers, pytest.mark.speech, on_sqlite]


def test_a_worker_killed_in_mid_chunk_loses_and_doubles_no_word(hire):
    # pains Q1, Q2, Q11
    crew = hire(TRANSCRIBE_ENGINE="whisper", TRANSCRIBE_MODEL="tiny.en")
    job = crew.submit(np.tile(read_speech("two_cities.wav"), 2).tobytes())

    def find_running_chunk():
        return Step.objects.filter(job=job, kind="chunk", state="running").first()

    step = wait_until(find_running_chunk, 30)
    os.kill(read_worker(step), signal.SIGKILL)
    ended = crew.wait_for_end(job, seconds=45)[0]
    assert (ended.state, Step.objects.get(pk=step.pk).attempts) == (JobState.COMPLETED, 2)
    assert rate_errors(f"{TWO_CITIES} {TWO_CITIES}", ended.transcript.text) <= 0.1
