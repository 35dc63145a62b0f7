"""django-q2's own tables in the admin: to read and nothing else."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from django_q.signing import SignedPackage

NAMES = ["success", "failure", "ormq", "schedule"]
each_table = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def rows(db):
    now = timezone.now()
    for number, good in enumerate((True, False)):
        Task.objects.create(
            id=str(number) * 32, name=f"task {good}", func="jobs.tasks.work", started=now, stopped=now, success=good
        )
    OrmQ.objects.create(key="transcribe", payload=SignedPackage.dumps({"id": "x", "func": "jobs.tasks.work"}), lock=now)
    Schedule.objects.create(func="jobs.tasks.work", name="nightly")
    return {
        "success": Success.objects.get().pk,
        "failure": Failure.objects.get().pk,
        "ormq": OrmQ.objects.get().pk,
        "schedule": Schedule.objects.get().pk,
    }


@each_table
def test_a_table_lists_its_row(site, rows, name):
    response = site.get(reverse(f"admin:django_q_{name}_changelist"))
    assert (response.status_code, response.context["cl"].result_count) == (200, 1)


@each_table
def test_a_row_can_be_read(site, rows, name):
    page = site.get(reverse(f"admin:django_q_{name}_change", args=[rows[name]])).content.decode()
    assert ("jobs.tasks.work" in page, 'name="_save"' in page) == (True, False)


@each_table
@pytest.mark.parametrize("verb", ["add", "change", "delete"])
def test_nothing_can_be_added_changed_or_deleted(site, rows, name, verb):
    address = reverse(f"admin:django_q_{name}_{verb}", args=[] if verb == "add" else [rows[name]])
    assert site.post(address, {"post": "yes"}).status_code == 403


@each_table
def test_nothing_can_be_resubmitted(site, rows, name, rf, admin):
    model = {"success": Success, "failure": Failure, "ormq": OrmQ, "schedule": Schedule}[name]
    request = rf.get("/")
    request.user = admin
    assert get_admin(model).get_actions(request) == {}


def get_admin(model):
    return admin.site.get_model_admin(model)
