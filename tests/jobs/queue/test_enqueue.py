from foundation.database import wakeup
from jobs.domain.steps.step_queue import STEPS


def test_a_queue_that_cannot_be_reached_loses_no_submission(
    make_job, anna, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(wakeup, "send_wakeups", lambda *_: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        job = make_job(anna)
    assert job.steps.count() == 1


def test_doubled_wakeups_do_the_work_once(make_job, anna):
    make_job(anna)
    assert [STEPS.work_for(30), STEPS.work_for(30)] == [3, 0]
