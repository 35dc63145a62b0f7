import logging

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.models import User
from foundation.database import outage
from jobs.domain.queue import leases
from jobs.domain.steps import worker
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job, JobEvent, Step
from jobs.states import JobState, StepState


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(outage, "OUTAGE_PAUSE_SECONDS", 0.001)


@pytest.fixture
def owner(real_database, quick):
    return User.objects.create_user("anna")


def fail_first(times, function, error=OperationalError):
    """Return `function` as with a database that is away.

    It is so for the first `times` calls.
    """
    calls = []

    def call(*arguments, **fields):
        calls.append(1)
        if len(calls) <= times:
            raise error("the database system is starting up")
        return function(*arguments, **fields)

    return call


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_write_is_tried_until_the_database_takes_it(owner, error, caplog):
    with caplog.at_level(logging.WARNING):
        assert outage.survive_outage(fail_first(3, lambda: "written", error)) == "written"
    assert caplog.messages == ["the database does not answer; trying again: the database system is starting up"] * 3


def test_a_new_connection_is_made_after_each_failure(owner):
    before = connection.connection
    outage.survive_outage(fail_first(1, User.objects.count))
    assert connection.connection is not before


def test_other_errors_are_not_waited_out(owner):
    with pytest.raises(ValueError, match="a bug"):
        outage.survive_outage(lambda: (_ for _ in ()).throw(ValueError("a bug")))


def test_waiting_has_an_end(owner, monkeypatch):
    monkeypatch.setattr(outage, "OUTAGE_SECONDS", 0.01)
    with pytest.raises(OperationalError):
        outage.survive_outage(fail_first(10_000, lambda: None))


def test_half_a_transaction_is_not_repeated(owner):
    with pytest.raises(OperationalError), transaction.atomic():
        outage.survive_outage(fail_first(1, lambda: None))


@pytest.mark.parametrize("write", ["complete_step", "lock_claimed_job"])
def test_a_step_done_while_the_database_was_away_is_stored_when_it_is_back(owner, make_job, monkeypatch, write):
    # pains Q11
    job = make_job(owner)
    monkeypatch.setattr(leases, write, fail_first(2, getattr(leases, write)))
    assert STEPS.work_for(30) == 3
    job.refresh_from_db()
    assert (job.state, Step.objects.filter(attempts=1, state=StepState.DONE).count()) == (JobState.COMPLETED, 3)
    assert list(JobEvent.objects.filter(kind="step_done").values_list("reason", flat=True)) == [
        "Prepare",
        "Chunk",
        "Finish",
    ]


def test_a_claim_that_the_database_does_not_answer_ends_the_task(owner, make_job, monkeypatch):
    make_job(owner)
    monkeypatch.setattr(leases, "claim_step", fail_first(1, leases.claim_step))
    assert [STEPS.work_for(30), STEPS.work_for(30)] == [0, 3]


def test_a_step_whose_reading_failed_is_tried_again_and_counted(owner, make_job, monkeypatch):
    make_job(owner)
    monkeypatch.setitem(worker.STEPS, "prepare", fail_first(1, worker.STEPS["prepare"]))
    worker.run_step(leases.claim_step())
    step = Step.objects.get()
    assert (step.state, step.attempts, step.error_code) == (StepState.WAITING, 1, "database_unavailable")
    assert Job.objects.get().state == JobState.PROCESSING
