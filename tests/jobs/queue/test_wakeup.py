from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from jobs import tasks
from jobs.domain.queue import wakeup
from jobs.domain.steps import worker


def test_the_task_is_found_under_its_name():
    assert import_string(wakeup.WORK_TASK) is tasks.work


def test_a_nudge_names_the_task_and_nothing_else(db):
    wakeup.send_wakeups(1)
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["kwargs"]) == ("jobs.tasks.work", (), {})


def test_nudges_wait_for_the_commit(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        wakeup.wake_workers(2)
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 2


def test_what_is_rolled_back_nudges_nobody(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wakeup.wake_workers(1)
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


def test_a_queue_that_cannot_be_reached_loses_no_submission(
    make_job, anna, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(wakeup, "send_wakeups", lambda number: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        job = make_job(anna)
    assert job.steps.count() == 1


def test_a_nudge_without_work_is_harmless(db, monkeypatch):
    assert tasks.work() == 0


def test_doubled_nudges_do_the_work_once(make_job, anna):
    make_job(anna)
    assert [worker.work_for(30), worker.work_for(30)] == [3, 0]


def test_nothing_waiting_needs_no_nudge(db):
    assert wakeup.top_up_wakeups(0) == 0


def test_many_steps_get_no_more_wakeups_than_there_may_be_workers(db, monkeypatch):
    monkeypatch.setattr(wakeup, "MAX_WAKEUPS", 2)
    wakeup.send_wakeups(3)
    assert OrmQ.objects.count() == 2
