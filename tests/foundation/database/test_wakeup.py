import pytest
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from foundation.database import tasks, wakeup
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Step
from notifications.models import Delivery


def test_the_task_is_found_under_its_name():
    assert import_string(wakeup.TASK) is tasks.work


@pytest.mark.parametrize(("model", "name"), [(Step, "jobs.step"), (Delivery, "notifications.delivery")])
def test_a_wakeup_names_the_queue_and_nothing_else(db, model, name):
    wakeup.send_wakeups(model)
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["kwargs"]) == ("foundation.database.tasks.work", (name,), {})


def test_wakeups_wait_for_the_commit(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        wakeup.wake_workers(Step, 2)
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 2


def test_what_is_rolled_back_wakes_no_worker(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        wakeup.wake_workers(Step)
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize("name", ["jobs.step", "notifications.delivery"])
def test_a_wakeup_without_work_is_harmless(db, name):
    assert tasks.work(name) == 0


def test_nothing_waiting_needs_no_wakeup(db):
    assert (STEPS.wake_for_due(), OrmQ.objects.count()) == (0, 0)


def test_no_more_wakeups_are_sent_at_once_than_there_may_be_workers(db, monkeypatch):
    monkeypatch.setattr(wakeup, "MAX_WAKEUPS", 2)
    wakeup.send_wakeups(Step, 3)
    assert OrmQ.objects.count() == 2
