import pytest

from foundation.database import clock, clusters
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import leases
from jobs.domain.steps import watchdog
from jobs.models import Step
from jobs.states import StepKind, StepState

CLUSTER = "abc"


@pytest.fixture(autouse=True)
def named_cluster(monkeypatch, settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    monkeypatch.setenv(clusters.CLUSTER_VARIABLE, CLUSTER)


@pytest.fixture
def backlog(make_prepared, anna):
    """Four chunks that have waited for a minute."""
    job = make_prepared(anna, chunks=4)
    Step.objects.filter(kind="chunk").update(runnable_at=clock.now_in_database(-60))
    Step.objects.update(claimed_at=clock.now_in_database(-60))
    return job


def age_claims():
    Step.objects.filter(state="running").update(claimed_at=clock.now_in_database(-60))


def test_a_cluster_that_leaves_work_lying_is_silent(backlog):
    assert watchdog.is_cluster_silent(CLUSTER)


def test_without_work_no_cluster_is_silent(db, data_dir):
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_work_that_has_just_come_is_no_reason(make_job, anna):
    make_job(anna)
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_a_backlog_behind_busy_workers_is_no_reason(backlog):
    for _ in range(2):
        leases.claim_step()
    age_claims()
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_one_worker_that_is_busy_does_not_excuse_the_other(backlog):
    leases.claim_step()
    age_claims()
    assert watchdog.is_cluster_silent(CLUSTER)


def test_a_recent_claim_is_a_sign_of_life(backlog):
    leases.claim_step()
    assert not watchdog.is_cluster_silent(CLUSTER)


@pytest.mark.parametrize(
    "release",
    [
        leases.complete_step,
        leases.release_step,
        lambda lease: leases.reschedule_step(lease, 1, "engine_crashed"),
    ],
)
def test_a_claim_stays_a_sign_of_life_when_its_step_is_released(backlog, release):
    release(leases.claim_step())
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_a_claim_stays_a_sign_of_life_when_its_job_fails(backlog, make_prepared, anna):
    another = make_prepared(anna, chunks=9)
    Step.objects.filter(job=another).update(
        runnable_at=clock.now_in_database(-60), claimed_at=clock.now_in_database(-60)
    )
    lease = leases.claim_step()
    transitions.fail_job(lease.step.job, "model_missing", "No model.")
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_the_claims_of_another_cluster_are_no_sign(backlog, monkeypatch):
    monkeypatch.setenv(clusters.CLUSTER_VARIABLE, "another")
    leases.claim_step()
    assert watchdog.is_cluster_silent(CLUSTER)


def test_recordings_that_wait_for_room_make_no_cluster_silent(backlog, settings):
    settings.MIN_FREE_MB = 10**9
    waiting = Step.objects.filter(state=StepState.WAITING)
    waiting.filter(pk=waiting.first().pk).update(kind=StepKind.PREPARE, index=1)
    waiting.exclude(kind=StepKind.PREPARE).delete()
    assert not watchdog.is_cluster_silent(CLUSTER)


def test_chunks_are_not_excused_by_a_short_disk(backlog, settings):
    settings.MIN_FREE_MB = 10**9
    assert watchdog.is_cluster_silent(CLUSTER)
