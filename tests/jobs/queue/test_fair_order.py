from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from jobs.domain.queue import leases
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job, Recording, Step
from tests.databases import asks_sqlite


def test_the_owner_with_the_fewest_steps_in_flight_comes_first(make_prepared, anna, ben):
    # pains Q14
    make_prepared(anna, chunks=3)
    leases.claim_step()
    make_prepared(ben, chunks=3)
    assert [leases.claim_step().step.owner for _ in range(4)] == [ben, anna, ben, anna]


def test_owners_take_turns_when_nothing_is_in_flight(make_prepared, anna, ben):
    make_prepared(anna, chunks=30)
    make_prepared(ben, chunks=2)
    served = []
    for _ in range(5):
        lease = leases.claim_step()
        served.append(lease.step.owner)
        leases.complete_step(lease)
    assert served in ([anna, ben, anna, ben, anna], [ben, anna, ben, anna, anna])


def test_what_a_dead_worker_left_comes_first(make_prepared, expire, anna, ben):
    # pains Q1
    make_prepared(anna, chunks=9)
    lost = leases.claim_step()
    make_prepared(anna, chunks=1)
    make_prepared(ben, chunks=1)
    leases.claim_step()
    expire(lost)
    STEPS.reap()
    assert leases.claim_step().step == lost.step


def test_a_short_recording_comes_before_a_long_one(make_prepared, anna):
    make_prepared(anna, chunks=9)
    short = make_prepared(anna, chunks=2)
    assert leases.claim_step().step.job == short


def test_of_equals_the_oldest_comes_first(make_prepared, anna):
    jobs = [make_prepared(anna, chunks=1) for _ in range(2)]
    assert leases.claim_step().step.job == jobs[0]


def test_a_long_recording_does_not_wait_for_all_short_ones(make_prepared, anna):
    long, _short = make_prepared(anna, chunks=9), make_prepared(anna, chunks=1)
    Step.objects.filter(job=long).update(due_at=timezone.now() - timedelta(hours=1))
    assert leases.claim_step().step.job == long


def test_the_chunks_of_a_job_are_claimed_in_order(make_prepared, anna):
    make_prepared(anna, chunks=3)
    assert [leases.claim_step().step.index for _ in range(3)] == [0, 1, 2]


def test_a_new_upload_is_prepared_before_a_long_recording_goes_on(make_prepared, make_job, anna):
    make_prepared(anna, chunks=9)
    make_job(anna)
    assert leases.claim_step().step.kind == "prepare"


@pytest.mark.parametrize("owners", [1, 3])
def test_a_claim_is_three_queries(db, make_prepared, owners, django_assert_num_queries):
    for name in range(owners):
        make_prepared(User.objects.create_user(f"owner {name}"), chunks=3)
    with django_assert_num_queries(5):  # two of them begin and end the transaction
        leases.claim_step()


def test_without_room_on_the_disk_only_decoded_steps_are_claimed(make_prepared, make_job, anna, ben):
    make_prepared(anna, chunks=1)
    make_job(ben)
    assert leases.claim_step(may_decode=False).step.kind == "chunk"
    assert leases.claim_step(may_decode=False) is None


@asks_sqlite
def test_a_claim_reads_only_open_steps(make_prepared, anna, django_assert_num_queries):
    # pains Q14
    make_prepared(anna)
    with django_assert_num_queries(5) as captured:
        leases.claim_step()
    for query in [query["sql"] for query in captured if query["sql"].startswith("SELECT")]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            plan = [row[3] for row in cursor.fetchall()]
        assert any(" INDEX step_open " in line for line in plan)
        assert [line for line in plan if line.startswith("SCAN") and "accounts_user" not in line] == []


class Queue:
    """Ten owners' chunks of a minute, and two workers.

    These take six seconds for each; claims are real, time is not.
    """

    WORKERS, SECONDS = 2, 6.0

    def __init__(self):
        self.owners = [User.objects.create_user(f"owner {number}") for number in range(10)]
        self.claims = []
        self.busy = [(0.0, None)] * self.WORKERS

    def submit(self, owner, jobs, chunks):
        """Put jobs into the queue that are decoded already."""
        for _ in range(jobs):
            recording = Recording.objects.create(owner=owner, bytes=1, source="uploaded", seconds=60 * chunks)
            job = Job.objects.create(recording=recording, owner=owner, state="processing", stage="transcribing")
            now, due = timezone.now(), timezone.now() + timedelta(minutes=chunks)
            facts = {"job": job, "owner": owner, "kind": "chunk", "runnable_at": now, "due_at": due}
            Step.objects.bulk_create(Step(index=index, **facts) for index in range(chunks))

    def work(self, claims, *, after_each=lambda step: None):
        """Have the first free worker claim, a number of times.

        It is recorded who was served, and when that is done.
        """
        for _ in range(claims):
            self.busy.sort(key=lambda worker: worker[0])
            now, step = self.busy.pop(0)
            if step is not None:
                Step.objects.filter(pk=step.pk).update(state="done", lease_expires_at=None)
                after_each(step)
            lease = leases.claim_step()
            self.claims.append((lease.step.owner, now + self.SECONDS))
            self.busy.append((now + self.SECONDS, lease.step))

    def list_ends(self, owner):
        return [end for served, end in self.claims if served == owner]


@pytest.fixture
def queue(db):
    queue = Queue()
    queue.submit(queue.owners[0], jobs=100, chunks=60)
    return queue


def test_a_hundred_hours_of_one_owner_hold_up_nobody(queue):
    # pains Q14
    for owner in queue.owners[1:]:
        queue.submit(owner, jobs=5, chunks=1)
    queue.work(50)
    ends = [queue.list_ends(owner) for owner in queue.owners]
    # Two workers serve ten owners within five chunks' time, one a turn; the big one gets its turn like all.
    assert [len(own) for own in ends] == [5] * 10
    assert max(own[0] for own in ends) == 30
    assert max(own[-1] for own in ends) == 150


def test_short_recordings_without_end_do_not_starve_a_long_one(queue):
    # pains Q14
    for owner in queue.owners[1:]:
        queue.submit(owner, jobs=2, chunks=1)
    big = queue.owners[0]
    queue.work(200, after_each=lambda step: step.owner != big and queue.submit(step.owner, jobs=1, chunks=1))
    assert len(queue.list_ends(big)) == 20
