"""Claims and transitions from several threads at once, on real databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from jobs.domain.lifecycle import control, transitions
from jobs.domain.queue import leases
from jobs.domain.steps import progress
from jobs.domain.steps.step_queue import STEPS
from jobs.errors import JobFinished, StateChanged
from jobs.models import Job, JobEvent, Step

THREADS = 4


@pytest.fixture
def owner(real_database):
    return User.objects.create_user("anna", password="correct horse battery")


def run_in_threads(function):
    """Call `function` in all threads at once; return all results."""
    barrier = Barrier(THREADS)

    def run():
        barrier.wait()
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(THREADS)]]


def claim_all():
    claimed = []
    while lease := leases.claim_step():
        claimed.append(lease)
    return claimed


def test_no_step_is_claimed_twice(owner, make_prepared):
    # pains Q2, Q3
    make_prepared(owner, chunks=40)
    claimed = [lease.step.index for leases_of_one in run_in_threads(claim_all) for lease in leases_of_one]
    assert Counter(claimed) == Counter(range(40))
    assert set(Step.objects.filter(kind="chunk").values_list("attempts", flat=True)) == {1}


def test_an_expired_lease_is_returned_once(owner, make_prepared, claim, expire):
    make_prepared(owner, chunks=1)
    expire(claim())
    assert sum(report.expired for report in run_in_threads(STEPS.reap)) == 1
    assert JobEvent.objects.filter(kind="lease_expired").count() == 1


def test_a_job_is_started_once(owner, make_job):
    job = make_job(owner)

    def start():
        try:
            transitions.start_job(Job.objects.get(pk=job.pk), "worker")
        except StateChanged:
            return 0
        return 1

    assert sum(run_in_threads(start)) == 1
    assert Job.objects.get().attempts == 1


def test_cancel_and_completion_leave_one_end(owner, make_prepared):
    job = make_prepared(owner, chunks=1)
    turns = iter([transitions.complete_job, lambda job: control.cancel_job(job, None)] * THREADS)

    def end():
        try:
            next(turns)(Job.objects.get(pk=job.pk))
        except (StateChanged, JobFinished):
            return 0
        return 1

    run_in_threads(end)
    ends = JobEvent.objects.filter(state__in=["completed", "cancelled"]).values_list("state", flat=True)
    assert list(ends) == [Job.objects.get().state]


def test_one_finish_step_is_made(owner, make_prepared):
    job = make_prepared(owner, chunks=2)
    Step.objects.filter(kind="chunk").update(state="done")
    assert run_in_threads(lambda: progress.finish_if_all_chunks_done(job)) == [True] * THREADS
    assert Step.objects.filter(kind="finish").count() == 1
