import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from engine import EngineCrashed
from foundation.database import clusters
from foundation.database.leased_rows import LeaseLost
from jobs import conf
from jobs.domain.lifecycle import control
from jobs.domain.queue import leases
from jobs.domain.steps import finish_step, worker
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job, JobEvent, Segment, Step
from jobs.states import StepState


@pytest.fixture
def lease(make_job, anna):
    make_job(anna)
    return leases.claim_step()


def read_step():
    return Step.objects.get(kind="prepare")


def test_nothing_is_claimed_where_nothing_waits(db):
    assert leases.claim_step() is None


def test_a_claimed_step_runs_under_a_lease(lease):
    step = read_step()
    assert (step.state, step.claimed_by, step.attempts) == (StepState.RUNNING, lease.token, 1)
    left = step.lease_expires_at - timezone.now()
    assert timedelta(seconds=conf.LEASE_SECONDS - 2) < left < timedelta(seconds=conf.LEASE_SECONDS + 1)


def test_a_claimed_step_is_not_claimed_again(lease):
    assert leases.claim_step() is None


def test_each_claim_counts_as_an_attempt(lease):
    leases.reschedule_step(lease, 0, "engine_crashed")
    assert leases.claim_step().attempt == 2


def test_a_step_is_not_claimed_before_its_time(lease):
    leases.reschedule_step(lease, 60, "engine_crashed")
    assert leases.claim_step() is None


def test_renewing_moves_the_end_of_the_lease(lease, expire):
    expire(lease)
    leases.renew_lease(lease)
    assert read_step().lease_expires_at > timezone.now() + timedelta(seconds=5)


def test_a_held_lease_is_found_held(lease):
    lease.check()


@pytest.mark.parametrize(
    "write",
    [
        lambda lease: lease.check(),
        leases.renew_lease,
        leases.complete_step,
        leases.release_step,
        lambda lease: leases.reschedule_step(lease, 0, "engine_crashed"),
    ],
)
def test_a_step_taken_over_can_no_longer_be_written(lease, expire, write):
    # pains Q2
    leases.release_step(lease)
    successor = leases.claim_step()
    before = Step.objects.values().get()
    with pytest.raises(LeaseLost):
        write(lease)
    assert Step.objects.values().get() == before
    successor.check()


def test_a_late_result_is_refused_and_stores_nothing(make_prepared, claim, say, expire, anna):
    # pains Q3
    make_prepared(anna, chunks=1)
    late = claim()
    leases.reschedule_step(late, 0, "")
    say(claim(), "the second worker's words")
    with pytest.raises(LeaseLost):
        say(late, "the first worker's words")
    assert [segment.text for segment in Segment.objects.all()] == ["the second worker's words"]


def test_who_did_a_step_is_in_the_log(lease):
    leases.complete_step(lease, engine="whisper base", seconds_done=12.0, compute_seconds=3.0)
    event = JobEvent.objects.get(kind="step_done")
    assert event.reason == "Prepare"
    assert event.details == {
        "step": "prepare",
        "index": 0,
        "attempt": 1,
        "worker": lease.token.rpartition(":")[0],
        "engine": "whisper base",
        "seconds": 12.0,
        "compute_seconds": 3.0,
    }


def test_a_step_that_is_done_holds_no_lease(lease):
    leases.complete_step(lease)
    assert (read_step().state, read_step().lease_expires_at) == (StepState.DONE, None)


def test_a_postponed_step_keeps_its_count_and_its_reason(lease):
    leases.reschedule_step(lease, 60, "engine_crashed")
    step = read_step()
    assert (step.state, step.attempts, step.error_code) == (StepState.WAITING, 1, "engine_crashed")
    assert step.runnable_at > timezone.now() + timedelta(seconds=50)


def test_a_step_handed_back_was_never_tried(lease):
    leases.release_step(lease)
    step = read_step()
    assert (step.state, step.attempts) == (StepState.WAITING, 0)
    assert leases.claim_step().attempt == 1


def test_a_token_names_cluster_and_process(monkeypatch):
    monkeypatch.setenv(clusters.CLUSTER_VARIABLE, "cluster")
    monkeypatch.setattr(clusters.os, "getpid", lambda: 42)
    assert clusters.build_token().startswith("cluster:42:")


def test_a_cluster_without_a_name_is_called_after_host_and_parent(monkeypatch):
    monkeypatch.delenv(clusters.CLUSTER_VARIABLE, raising=False)
    monkeypatch.setattr(clusters.socket, "gethostname", lambda: "host")
    monkeypatch.setattr(clusters.os, "getppid", lambda: 7)
    assert clusters.get_cluster_name() == "host-7"


def test_no_two_tokens_are_alike():
    assert clusters.build_token() != clusters.build_token()


@pytest.mark.parametrize(
    "act",
    [
        lambda lease, say, job: say(lease),
        lambda lease, say, job: worker.settle(worker.release, lease, "stopped"),
        lambda lease, say, job: worker.settle(worker.settle_failure, lease, EngineCrashed()),
        lambda lease, say, job: STEPS.take_back(lease),
        lambda lease, say, job: control.cancel_job(job, None),
    ],
)
def test_whoever_writes_a_job_and_its_steps_begins_with_the_job(
    make_prepared, claim, say, anna, act, django_assert_max_num_queries
):
    job = make_prepared(anna, chunks=1)
    lease = claim()
    with django_assert_max_num_queries(40) as captured:
        act(lease, say, job)
    touched = [re.search(r'(?:FROM|UPDATE) "(jobs_job|jobs_step)"', query["sql"]) for query in captured]
    assert next(match[1] for match in touched if match) == "jobs_job"


def test_finishing_a_job_begins_with_the_job(make_prepared, claim, say, anna, django_assert_max_num_queries):
    make_prepared(anna, chunks=1)
    say(claim())
    with django_assert_max_num_queries(60) as captured:
        finish_step.finish_job(claim())
    locks = [
        n
        for n, query in enumerate(captured)
        if query["sql"].startswith(
            'SELECT "jobs_job"."id", "jobs_job"."state", "jobs_job"."stage", "jobs_job"."progress" FROM'
        )
    ]
    writes = [n for n, query in enumerate(captured) if query["sql"].startswith('UPDATE "jobs_step"')]
    # The claim writes the step alone, as heartbeats do; the two others come right after the job's lock.
    stored, completed = writes[1], writes[-1]
    assert [stored - 1, completed - 1] == locks


def test_a_step_that_was_taken_meanwhile_is_not_taken_again(make_job, anna, monkeypatch):
    make_job(anna)
    first = leases.claim_step()
    monkeypatch.setattr(leases.fair_order, "choose_step", lambda **_: first.step)
    assert leases.claim_step() is None
    first.check()


def test_who_holds_a_job_tells_how_far_it_is_by_now(make_prepared, claim, anna):
    job = make_prepared(anna, chunks=2)
    lease = claim()
    Job.objects.filter(pk=job.pk).update(progress=60.0)
    with transaction.atomic():
        leases.lock_claimed_job(lease)
    assert lease.step.job.progress == 60.0


def test_a_step_whose_job_was_deleted_meanwhile_is_returned_to_nobody(lease):
    Job.objects.filter(pk=lease.step.job_id).delete()
    assert not STEPS.take_back(lease)
