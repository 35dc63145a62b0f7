"""Submissions from several threads at once, on real databases."""

from functools import partial

import pytest

from accounts.models import User
from jobs import conf
from jobs.domain.intake import submit
from jobs.domain.intake.idempotency import AlreadySubmitted, KeyedRequest
from jobs.domain.lifecycle import control, reuse, transitions
from jobs.domain.queue import leases
from jobs.domain.steps import worker
from jobs.errors import IdempotencyKeyReused
from jobs.models import Job, JobEvent, Recording, Step
from jobs.models.idempotency_key import IdempotencyKey
from tests.jobs.threads import run_together

# pains R12
DUPLICATES = 4


@pytest.fixture
def owner(real_database):
    return User.objects.create_user("anna", password="correct horse battery")


@pytest.fixture
def other(real_database):
    return User.objects.create_user("ben", password="correct horse battery")


def list_audio():
    return [path for path in (conf.get_data_dir() / "media").rglob("*") if path.is_file()]


def test_simultaneous_twins_make_one_job(owner, make_job):
    request = KeyedRequest(owner, "a-key", "ab")
    outcomes = run_together(*[partial(make_job, owner, request=request)] * DUPLICATES)
    made = [outcome.pk for outcome in outcomes if isinstance(outcome, Job)]
    found = [outcome.job_id for outcome in outcomes if isinstance(outcome, AlreadySubmitted)]
    assert (made, set(found), len(found)) == ([Job.objects.get().pk], set(made), DUPLICATES - 1)
    assert (Recording.objects.count(), len(list_audio())) == (1, 1)


def test_simultaneous_others_under_one_key_make_one_job(owner, make_job):
    requests = [KeyedRequest(owner, "a-key", str(number)) for number in range(DUPLICATES)]
    outcomes = run_together(*[partial(make_job, owner, request=request) for request in requests])
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Job)] == [IdempotencyKeyReused] * 3
    assert (Job.objects.count(), len(list_audio())) == (1, 1)


def test_a_twin_of_one_that_fails_goes_on(owner, make_job, monkeypatch):
    keep, failures = submit.idempotency.keep_request, iter([True])

    def fail_once(request, job):
        keep(request, job)
        if next(failures, False):
            raise ZeroDivisionError

    monkeypatch.setattr(submit.idempotency, "keep_request", fail_once)
    request = KeyedRequest(owner, "a-key", "ab")
    outcomes = run_together(*[partial(make_job, owner, request=request)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Job", "ZeroDivisionError"]
    assert (Job.objects.count(), IdempotencyKey.objects.count(), len(list_audio())) == (1, 1, 1)


def test_the_same_key_of_two_people_makes_two_jobs(owner, other, make_job):
    requests = [KeyedRequest(person, "a-key", "ab") for person in (owner, other)]
    run_together(*[partial(make_job, request.owner, request=request) for request in requests])
    assert Job.objects.count() == 2


def test_simultaneous_uploads_do_the_work_once(owner, make_job):
    run_together(*[partial(make_job, owner, force=False)] * DUPLICATES)
    assert (Job.objects.count(), Step.objects.count()) == (DUPLICATES, 1)
    worker.work_for(60)
    assert list(Job.objects.values_list("state", flat=True)) == ["completed"] * DUPLICATES
    assert sum(Job.objects.values_list("attempts", flat=True)) == 1


def test_several_that_serve_those_who_wait_serve_each_once(owner, make_job, monkeypatch):
    first, *others = (make_job(owner, force=False) for _ in range(6))
    with monkeypatch.context() as patch:
        patch.setattr(reuse, "settle_waiting", lambda original_id: 0)
        worker.work_for(60)
    assert sum(run_together(*[partial(reuse.settle_waiting, first.pk)] * DUPLICATES)) == 5
    ends = JobEvent.objects.filter(job__in=others, state="completed").values_list("job", flat=True)
    assert sorted(ends) == sorted(job.pk for job in others)


@pytest.mark.parametrize("number", range(3))
def test_an_upload_while_the_first_completes_gets_its_text(owner, make_job, number):
    first = make_job(owner)
    lease = leases.claim_step()
    worker.run_step(lease)
    for _ in range(Step.objects.exclude(state="done").count()):
        worker.run_step(leases.claim_step())
    run_together(lambda: worker.work_for(60), partial(make_job, owner, force=False))
    second = Job.objects.exclude(pk=first.pk).get()
    assert (second.state, second.reused_from, second.attempts) == ("completed", first, 0)


@pytest.mark.parametrize("end", ["cancel", "delete", "fail"])
def test_an_upload_while_the_first_ends_without_a_text_runs(owner, make_job, end):
    first = make_job(owner)
    act = {
        "cancel": lambda: control.cancel_job(Job.objects.get(pk=first.pk), None),
        "delete": lambda: control.delete_recording(Recording.objects.get(jobs=first)),
        "fail": lambda: transitions.fail_job(Job.objects.get(pk=first.pk), "engine_crashed", "It crashed."),
    }[end]
    outcomes = run_together(act, partial(make_job, owner, force=False))
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    second = Job.objects.exclude(pk=first.pk).get()
    assert (second.state, second.reused_from, second.steps.count()) == ("pending", None, 1)


def test_cancelling_the_first_and_one_that_waits_at_once_leaves_the_last_to_run(owner, make_job):
    first, second, third = (make_job(owner, force=False) for _ in range(3))
    cancels = [lambda key=job.pk: control.cancel_job(Job.objects.get(pk=key), None).state for job in (first, second)]
    assert run_together(*cancels) == ["cancelled"] * 2
    third.refresh_from_db()
    assert (third.state, third.reused_from, third.steps.count()) == ("pending", None, 1)


def test_uploads_while_a_recording_is_deleted_and_another_renamed_do_not_lock_each_other_out(owner, make_job):
    jobs = [make_job(owner, force=False) for _ in range(3)]
    acts = [
        lambda: control.delete_recording(Recording.objects.get(jobs=jobs[0])),
        lambda: control.rename_recording(Recording.objects.get(jobs=jobs[1]), "Another title"),
        lambda: control.delete_recording(Recording.objects.get(jobs=jobs[2])),
        partial(make_job, owner, force=False),
    ]
    outcomes = run_together(*acts)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    worker.work_for(60)
    assert list(Job.objects.values_list("state", flat=True)) == ["completed"] * 2
