import re
from datetime import timedelta

import pytest
from django.utils import timezone

from engine import EngineCrashed
from jobs import conf
from jobs.domain import clock, control, finish, leases, sweep, work
from jobs.errors import LeaseLost
from jobs.models import Segment, Step
from jobs.states import StepState


@pytest.fixture
def lease(make_job, anna):
    make_job(anna)
    return leases.claim_step()


@pytest.fixture
def start_beat(monkeypatch):
    """Start a heartbeat whose clock stands still, but for the seconds that each beat is said to come later."""

    def start(lease, **options):
        moment = [1000.0]
        monkeypatch.setattr(leases.time, "monotonic", lambda: moment[0])
        heartbeat = leases.Heartbeat(lease, checked_at=moment[0], renewed_at=moment[0], **options)

        def beat(later, seconds_done=0.0):
            moment[0] += later
            heartbeat(seconds_done)

        return beat

    return start


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
    leases.postpone_step(lease, 0, "engine_crashed")
    assert leases.claim_step().attempt == 2


def test_a_step_is_not_claimed_before_its_time(lease):
    leases.postpone_step(lease, 60, "engine_crashed")
    assert leases.claim_step() is None


def test_the_owner_with_the_fewest_steps_in_flight_comes_first(make_prepared, anna, ben):
    # pains Q14
    make_prepared(anna, chunks=3)
    leases.claim_step()
    make_prepared(ben, chunks=3)
    assert [leases.claim_step().step.owner for _ in range(3)] == [ben, anna, ben]


def test_a_short_recording_comes_before_a_long_one(make_prepared, anna):
    make_prepared(anna, chunks=9)
    short = make_prepared(anna, chunks=2)
    assert leases.claim_step().step.job == short


def test_of_equals_the_oldest_comes_first(make_prepared, anna):
    jobs = [make_prepared(anna, chunks=1) for _ in range(2)]
    Step.objects.filter(job=jobs[1]).update(runnable_at=clock.now_in_database(-60))
    assert leases.claim_step().step.job == jobs[1]


def test_the_chunks_of_a_job_are_claimed_in_order(make_prepared, anna):
    make_prepared(anna, chunks=3)
    assert [leases.claim_step().step.index for _ in range(3)] == [0, 1, 2]


def test_a_new_upload_is_prepared_before_a_long_recording_goes_on(make_prepared, make_job, anna):
    make_prepared(anna, chunks=9)
    make_job(anna)
    assert leases.claim_step().step.kind == "prepare"


def test_a_claim_is_two_queries(make_prepared, anna, django_assert_num_queries):
    make_prepared(anna, chunks=3)
    with django_assert_num_queries(4):  # two of them begin and end the transaction
        leases.claim_step()


def test_renewing_moves_the_end_of_the_lease(lease, expire):
    expire(lease)
    leases.renew_lease(lease)
    assert read_step().lease_expires_at > timezone.now() + timedelta(seconds=5)


def test_a_held_lease_is_found_held(lease):
    leases.check_lease(lease)


@pytest.mark.parametrize(
    "write",
    [
        leases.check_lease,
        leases.renew_lease,
        leases.complete_step,
        leases.hand_back_step,
        lambda lease: leases.postpone_step(lease, 0, "engine_crashed"),
    ],
)
def test_a_step_taken_over_can_no_longer_be_written(lease, expire, write):
    # pains Q2
    leases.hand_back_step(lease)
    successor = leases.claim_step()
    before = Step.objects.values().get()
    with pytest.raises(LeaseLost):
        write(lease)
    assert Step.objects.values().get() == before
    leases.check_lease(successor)


def test_a_late_result_is_refused_and_stores_nothing(make_prepared, claim, say, expire, anna):
    # pains Q3
    make_prepared(anna, chunks=1)
    late = claim()
    leases.postpone_step(late, 0, "")
    say(claim(), "the second worker's words")
    with pytest.raises(LeaseLost):
        say(late, "the first worker's words")
    assert [segment.text for segment in Segment.objects.all()] == ["the second worker's words"]


def test_a_step_that_is_done_holds_no_lease(lease):
    leases.complete_step(lease)
    assert (read_step().state, read_step().lease_expires_at) == (StepState.DONE, None)


def test_a_postponed_step_keeps_its_count_and_its_reason(lease):
    leases.postpone_step(lease, 60, "engine_crashed")
    step = read_step()
    assert (step.state, step.attempts, step.error_code) == (StepState.WAITING, 1, "engine_crashed")
    assert step.runnable_at > timezone.now() + timedelta(seconds=50)


def test_a_step_handed_back_was_never_tried(lease):
    leases.hand_back_step(lease)
    step = read_step()
    assert (step.state, step.attempts) == (StepState.WAITING, 0)
    assert leases.claim_step().attempt == 1


def test_a_heartbeat_does_nothing_within_a_second(lease, start_beat, django_assert_num_queries):
    beat = start_beat(lease)
    with django_assert_num_queries(0):
        beat(0.9)


def test_a_heartbeat_notices_a_lost_lease_after_a_second(lease, start_beat):
    # pains Q7
    beat = start_beat(lease)
    leases.hand_back_step(lease)
    with pytest.raises(LeaseLost):
        beat(1)


def test_a_heartbeat_that_checks_does_not_renew(lease, expire, start_beat):
    beat = start_beat(lease)
    expire(lease)
    beat(1)
    assert read_step().lease_expires_at < timezone.now()


def test_a_heartbeat_renews_every_three_seconds(lease, expire, start_beat):
    beat = start_beat(lease)
    expire(lease)
    beat(3)
    assert read_step().lease_expires_at > timezone.now()


def test_a_heartbeat_stores_at_once_how_far_the_engine_is(lease, start_beat):
    # pains Q8
    beat = start_beat(lease)
    beat(1, seconds_done=7.5)
    assert read_step().seconds_done == 7.5


def test_a_heartbeat_reports_when_it_renews(lease, start_beat):
    reports = []
    beat = start_beat(lease, report=lambda: reports.append(1))
    for _ in range(6):
        beat(1)
    assert len(reports) == 2


def test_a_heartbeat_notices_that_the_cluster_stops(lease, start_beat, monkeypatch):
    monkeypatch.setenv(leases.CLUSTER_VARIABLE, "cluster")
    beat = start_beat(lease)
    conf.get_run_dir().mkdir()
    (conf.get_run_dir() / "cluster.stop").touch()
    with pytest.raises(leases.StopRequested):
        beat(1)


def test_a_cluster_stops_only_at_its_own_mark(data_dir, monkeypatch):
    monkeypatch.setenv(leases.CLUSTER_VARIABLE, "cluster")
    conf.get_run_dir().mkdir()
    (conf.get_run_dir() / "another.stop").touch()
    assert not leases.is_stopping()


def test_a_process_outside_a_cluster_never_stops(data_dir, monkeypatch):
    monkeypatch.delenv(leases.CLUSTER_VARIABLE, raising=False)
    assert not leases.is_stopping()


def test_a_token_names_cluster_and_process(monkeypatch):
    monkeypatch.setenv(leases.CLUSTER_VARIABLE, "cluster")
    monkeypatch.setattr(leases.os, "getpid", lambda: 42)
    assert leases.build_token().startswith("cluster:42:")


def test_a_cluster_without_a_name_is_called_after_host_and_parent(monkeypatch):
    monkeypatch.delenv(leases.CLUSTER_VARIABLE, raising=False)
    monkeypatch.setattr(leases.socket, "gethostname", lambda: "host")
    monkeypatch.setattr(leases.os, "getppid", lambda: 7)
    assert leases.get_cluster_name() == "host-7"


def test_no_two_tokens_are_alike():
    assert leases.build_token() != leases.build_token()


@pytest.mark.parametrize(
    "act",
    [
        lambda lease, say, job: say(lease),
        lambda lease, say, job: work.settle(work.hand_back, lease, "stopped"),
        lambda lease, say, job: work.settle(work.settle_failure, lease, EngineCrashed()),
        lambda lease, say, job: sweep.return_step(lease.step),
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
        finish.finish_job(claim())
    locks = [n for n, query in enumerate(captured) if query["sql"].startswith('SELECT "jobs_job"."state" AS')]
    writes = [n for n, query in enumerate(captured) if query["sql"].startswith('UPDATE "jobs_step"')]
    # The claim and the renewal during analysis write the step alone; the two others come right after the job's lock.
    _claim, stored, _renewed, completed = writes
    assert [stored - 1, completed - 1] == locks


def test_a_step_that_was_taken_meanwhile_is_not_taken_again(make_job, anna, monkeypatch):
    make_job(anna)
    first = leases.claim_step()
    monkeypatch.setattr(leases, "select_runnable_steps", Step.objects.all)
    assert leases.claim_step() is None
    leases.check_lease(first)
