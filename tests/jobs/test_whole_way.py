"""A job from submission to its text, step by step in this process."""

import pytest

from jobs.domain import work
from jobs.states import JobState

pytestmark = pytest.mark.django_db


def test_a_recording_goes_the_whole_way(anna, make_job):
    job = make_job(anna)
    assert work.work_for(30) == 3
    job.refresh_from_db()
    assert (job.state, job.progress, job.error_code) == (JobState.COMPLETED, 100.0, "")
    assert job.transcript.is_complete


def test_a_long_recording_becomes_several_chunks(anna, make_job):
    job = make_job(anna, seconds=200)
    assert work.work_for(30) > 4
    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
