from contextlib import suppress

import pytest
from django.db import transaction

from jobs.domain.lifecycle import transitions
from jobs.errors import StateChanged
from jobs.models import Job, JobEvent, Step
from jobs.states import JOB_TRANSITIONS, JobState, Stage, StepState

CHANGES = {
    JobState.PENDING: lambda job: transitions.reopen_job(job, None),
    JobState.PROCESSING: lambda job: transitions.start_job(job, "host-1:2"),
    JobState.COMPLETED: transitions.complete_job,
    JobState.FAILED: lambda job: transitions.fail_job(job, "engine_crashed", "It crashed."),
    JobState.CANCELLED: lambda job: transitions.cancel_active_job(job, None, "no longer wanted"),
}
PAIRS = [(old, new) for old in JobState for new in JobState]
ALLOWED = [pair for pair in PAIRS if pair[1] in JOB_TRANSITIONS[pair[0]]]
FORBIDDEN = [pair for pair in PAIRS if pair not in ALLOWED]


@pytest.fixture
def put_job(make_job, anna):
    """A job that was put into a state without asking anybody."""

    def put(state):
        job = make_job(anna)
        JobEvent.objects.all().delete()
        Job.objects.filter(pk=job.pk).update(state=state)
        job.refresh_from_db()
        return job

    return put


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_an_allowed_change_is_stored(put_job, old, new):
    job = put_job(old)
    CHANGES[new](job)
    assert (job.state, Job.objects.get().state) == (new, new)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_each_change_leaves_one_event(put_job, old, new):
    job = put_job(old)
    CHANGES[new](job)
    assert list(JobEvent.objects.values_list("kind", "state")) == [("state", new)]


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_a_forbidden_change_is_refused_without_a_trace(put_job, old, new):
    job = put_job(old)
    with pytest.raises(StateChanged):
        CHANGES[new](job)
    assert (Job.objects.get().state, JobEvent.objects.count()) == (old, 0)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_a_stale_job_changes_nothing(put_job, old, new):
    job = put_job(old)
    elsewhere = next(state for state in JobState if state not in {old, new})
    Job.objects.update(state=elsewhere)
    with pytest.raises(StateChanged):
        CHANGES[new](job)
    assert (Job.objects.get().state, JobEvent.objects.count()) == (elsewhere, 0)


def test_event_and_change_are_undone_together(put_job):
    job = put_job("pending")
    with suppress(ZeroDivisionError), transaction.atomic():
        transitions.start_job(job, "worker")
        raise ZeroDivisionError
    assert (Job.objects.get().state, JobEvent.objects.count()) == ("pending", 0)


def test_an_event_that_cannot_be_written_undoes_the_change(put_job, monkeypatch):
    job = put_job("pending")
    monkeypatch.setattr(transitions.events, "record_event", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        transitions.start_job(job, "worker")
    assert Job.objects.get().state == "pending"


def test_starting_counts_the_run_and_notes_the_time(put_job):
    job = put_job("pending")
    transitions.start_job(job, "worker")
    assert (job.attempts, job.stage, job.started_at is None) == (1, Stage.PREPARING, False)


def test_completing_notes_the_time_and_fills_the_bar(put_job):
    job = put_job("processing")
    transitions.complete_job(job)
    assert (job.progress, job.stage, job.finished_at is None) == (100.0, "", False)


def test_failing_says_what_went_wrong(put_job):
    # pains Q12
    job = put_job("processing")
    transitions.fail_job(job, "engine_crashed", "It crashed.", details={"detail": "signal 11"})
    event = JobEvent.objects.get()
    assert (job.error_code, job.error_message) == ("engine_crashed", "It crashed.")
    assert (event.reason, event.details) == ("engine_crashed", {"detail": "signal 11"})


@pytest.mark.parametrize("end", [JobState.FAILED, JobState.CANCELLED])
def test_an_early_end_closes_waiting_and_running_steps(make_prepared, claim, anna, end):
    job = make_prepared(anna, chunks=3)
    claim()
    CHANGES[end](job)
    open_steps = Step.objects.filter(state__in=[StepState.WAITING, StepState.RUNNING])
    assert open_steps.count() == 0
    assert Step.objects.filter(lease_expires_at=None).count() == 4


@pytest.mark.parametrize("end", [JobState.FAILED, JobState.CANCELLED])
def test_a_job_that_ends_early_no_longer_waits_for_another(put_job, end):
    job, other = put_job("pending"), put_job("processing")
    Job.objects.filter(pk=job.pk).update(reused_from=other)
    CHANGES[end](job)
    assert Job.objects.get(pk=job.pk).reused_from is None


def test_an_early_end_leaves_done_steps_alone(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=2)
    say(claim())
    job.refresh_from_db()
    transitions.cancel_active_job(job, None, "no longer wanted")
    assert sorted(Step.objects.filter(kind="chunk").values_list("state", flat=True)) == ["done", "failed"]


def test_a_retry_forgets_the_old_error(put_job):
    job = put_job("processing")
    transitions.fail_job(job, "engine_crashed", "It crashed.")
    transitions.reopen_job(job, None)
    assert (job.error_code, job.error_message, job.started_at, job.finished_at) == ("", "", None, None)


def test_the_actor_of_a_change_is_in_its_event(put_job, anna):
    transitions.cancel_active_job(put_job("pending"), anna, "no longer wanted")
    assert JobEvent.objects.get().actor == anna


def test_a_stage_is_an_event_without_a_change_of_state(put_job):
    job = put_job("processing")
    transitions.change_stage(job, Stage.ANALYSING)
    assert (job.stage, JobEvent.objects.get().kind) == (Stage.ANALYSING, "stage")


def test_a_job_that_ended_has_no_stage(put_job):
    job = put_job("cancelled")
    transitions.change_stage(job, Stage.ANALYSING)
    assert (Job.objects.get().stage, JobEvent.objects.count()) == ("", 0)


@pytest.mark.parametrize("end", [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED])
def test_the_working_copy_goes_when_the_job_has_ended(put_job, end, django_capture_on_commit_callbacks):
    job = put_job("processing")
    copy = transitions.storage.get_working_copy(job.pk)
    copy.parent.mkdir()
    copy.touch()
    with django_capture_on_commit_callbacks(execute=True):
        CHANGES[end](job)
        assert copy.exists()
    assert not copy.exists()
