import pytest
from django_q.models import OrmQ

from foundation.database import clock, clusters, wakeup
from jobs import conf
from jobs.domain.lifecycle import transitions
from jobs.domain.queue import leases
from jobs.domain.steps import progress
from jobs.domain.steps.step_queue import STEPS, ReapReport, select_jobs_without_finish
from jobs.models import Job, JobEvent, Step
from jobs.states import JobState, StepKind, StepState

NOTHING = ReapReport(expired=0, finished=0, woken=0)


@pytest.fixture
def lose_worker(expire):
    """Let each worker that claims something die without a word, `times` times."""

    def lose(times):
        for _ in range(times):
            expire(leases.claim_step())
            STEPS.reap()

    return lose


def test_with_nothing_to_do_nothing_is_done(db):
    assert STEPS.reap() == NOTHING


def test_a_live_lease_is_left_alone(make_job, claim, anna):
    # pains Q2
    make_job(anna)
    lease = claim()
    assert STEPS.reap() == NOTHING
    lease.check()


def test_the_step_of_a_dead_worker_can_be_claimed_again(make_job, claim, expire, anna):
    # pains Q1
    make_job(anna)
    lease = claim()
    expire(lease)
    assert STEPS.reap().expired == 1
    assert leases.claim_step().step.pk == lease.step.pk


def test_a_lost_worker_is_in_the_log_of_the_job(make_job, claim, expire, anna):
    # pains Q12
    make_job(anna)
    lease = claim()
    expire(lease)
    STEPS.reap()
    event = JobEvent.objects.get(kind="lease_expired")
    worker = lease.token.rpartition(":")[0]
    assert event.details == {"step": "prepare", "index": 0, "attempt": 1, "worker": worker}


def test_a_lease_from_a_clock_that_was_ahead_does_not_last_for_ever(make_job, claim, anna):
    make_job(anna)
    lease = claim()
    Step.objects.filter(pk=lease.step.pk).update(lease_expires_at=clock.now_in_database(3600))
    assert STEPS.reap().expired == 1
    assert Step.objects.get().state == StepState.WAITING


def test_a_lease_that_was_renewed_while_the_sweep_looked_stays(make_job, claim, expire, anna):
    make_job(anna)
    lease = claim()
    expire(lease)
    seen = list(STEPS.select_expired())
    leases.renew_lease(lease)
    assert [STEPS.take_back(STEPS.build_lease(step)) for step in seen] == [False]
    lease.check()


@pytest.mark.parametrize(
    ("code", "seconds", "is_repaired"),
    [
        ("", 14, False),  # waits for room on the disk
        ("", 60, True),
        ("engine_crashed", 700, False),  # as long as a service may ask for
        ("engine_crashed", 3600, True),
    ],
)
def test_a_wait_from_a_clock_that_was_ahead_is_cut_short(make_job, anna, code, seconds, is_repaired):
    make_job(anna)
    Step.objects.update(runnable_at=clock.now_in_database(seconds), error_code=code)
    STEPS.reap()
    assert (leases.claim_step() is not None) == is_repaired


def test_a_second_sweep_finds_nothing(make_job, claim, expire, anna):
    make_job(anna)
    expire(claim())
    STEPS.reap()
    assert STEPS.reap() == NOTHING


def test_what_another_sweep_returned_first_is_left_alone(make_job, claim, expire, anna):
    make_job(anna)
    expire(claim())
    stale = list(STEPS.select_expired())
    STEPS.reap()
    assert [STEPS.take_back(STEPS.build_lease(step)) for step in stale] == [False]


def test_what_was_renewed_meanwhile_is_left_alone(make_job, claim, expire, anna):
    make_job(anna)
    lease = claim()
    expire(lease)
    stale = list(STEPS.select_expired())
    leases.renew_lease(lease)
    assert [STEPS.take_back(STEPS.build_lease(step)) for step in stale] == [False]


def test_a_lost_worker_counts_as_an_attempt(make_job, lose_worker, anna):
    # pains Q4
    make_job(anna)
    lose_worker(2)
    assert Step.objects.get().attempts == 2


def test_a_step_that_kills_every_worker_fails_its_job(make_job, lose_worker, anna):
    # pains Q4
    make_job(anna)
    lose_worker(conf.get_max_attempts())
    job = Job.objects.get()
    assert (job.state, job.error_code, Step.objects.get().state) == (JobState.FAILED, "worker_lost", StepState.FAILED)


def test_one_try_less_fails_nothing(make_job, lose_worker, anna):
    make_job(anna)
    lose_worker(conf.get_max_attempts() - 1)
    assert Job.objects.get().state == JobState.PENDING


def test_a_job_that_ended_by_itself_is_not_failed_as_well(make_job, claim, expire, anna):
    make_job(anna)
    lease = claim()
    Step.objects.update(attempts=conf.get_max_attempts())
    expire(lease)
    stale = list(STEPS.select_expired())
    Job.objects.update(state=JobState.COMPLETED)
    assert [STEPS.take_back(STEPS.build_lease(step)) for step in stale] == [True]
    assert Job.objects.get().state == JobState.COMPLETED


def test_a_dead_worker_takes_its_half_done_seconds_back(make_prepared, claim, expire, anna):
    make_prepared(anna)
    lease = claim()
    leases.renew_lease(lease, seconds_done=5.0)
    expire(lease)
    STEPS.reap()
    assert Step.objects.get(pk=lease.step.pk).seconds_done == 0


@pytest.mark.parametrize("stage", ["transcribing", "analysing"])
def test_a_lost_finish_is_made_up_for(make_prepared, claim, say, anna, stage):
    make_prepared(anna, chunks=1)
    say(claim())
    Step.objects.filter(kind="finish").delete()
    Job.objects.update(stage=stage)
    assert STEPS.reap().finished == 1
    assert leases.claim_step().step.kind == "finish"


def test_a_failed_finish_of_a_running_job_is_opened_again(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    say(claim())
    Step.objects.filter(kind="finish").update(state=StepState.FAILED, attempts=4)
    assert STEPS.reap().finished == 1
    assert leases.claim_step().attempt == 1


def test_a_job_with_open_chunks_is_not_finished(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=2)
    say(claim())
    assert not progress.finish_if_all_chunks_done(job)
    assert STEPS.reap().finished == 0


def test_an_ended_job_is_not_finished_again(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim())
    job.refresh_from_db()
    transitions.cancel_active_job(job, None, "no longer wanted")
    assert STEPS.reap() == NOTHING


def test_lost_nudges_are_sent_again(make_job, anna):
    make_job(anna)
    assert OrmQ.objects.count() == 0
    assert STEPS.reap().woken == 1
    assert OrmQ.objects.count() == 1


def test_there_are_no_more_nudges_than_workers(make_prepared, anna):
    make_prepared(anna, chunks=9)
    assert STEPS.reap().woken == clusters.get_worker_count()


def test_while_nudges_wait_no_more_are_sent(make_job, anna):
    make_job(anna)
    wakeup.send_wakeups(Step)
    assert STEPS.reap().woken == 0


def test_a_step_that_waits_for_its_time_is_not_nudged_for(make_job, claim, anna):
    make_job(anna)
    leases.reschedule_step(claim(), 60, "engine_crashed")
    assert STEPS.reap() == NOTHING


def test_a_job_cancelled_while_the_sweep_looks_gets_no_finish_step(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    say(claim())
    Step.objects.filter(kind=StepKind.FINISH).delete()
    (stalled,) = select_jobs_without_finish()
    transitions.cancel_active_job(Job.objects.get(), anna, reason="meanwhile")
    assert not progress.finish_if_all_chunks_done(stalled)
    assert not Step.objects.filter(kind=StepKind.FINISH).exists()
