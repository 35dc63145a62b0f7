"""A third kind of work, which needs a model, a policy and a function: claimed, fenced, retried, taken back and woken."""

import logging
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connections
from django_q.models import OrmQ

from foundation.database import leased_queue, outage, tasks, wakeup
from foundation.database.clock import now_in_database, read_database_time
from foundation.database.leased_rows import LeaseLost
from tests.errands.models import SAID, Errand
from tests.errands.policy import POLICY

ERRANDS = leased_queue.find_queue(Errand)


@pytest.fixture
def said():
    SAID.clear()
    return SAID


@pytest.fixture(autouse=True)
def queue(monkeypatch):
    """The queue as it is when its process starts."""
    monkeypatch.setattr(ERRANDS, "_woken_at", None)


def add(*words, seconds=0.0):
    return [Errand.objects.create(word=word, runnable_at=now_in_database(seconds)) for word in words]


def expire(lease, seconds=-1.0):
    Errand.objects.filter(pk=lease.row.pk).update(lease_expires_at=now_in_database(seconds))


def list_rows():
    return list(Errand.objects.order_by("pk").values_list("state", "attempts"))


def measure_wait(errand):
    errand.refresh_from_db()
    return (errand.runnable_at - read_database_time()).total_seconds()


def test_what_is_due_is_done_in_order(db, said):
    add("second"), add("first", seconds=-60), add("later", seconds=60)
    assert (tasks.work("errands.errand"), said) == (2, ["first", "second"])
    assert list_rows() == [("done", 1), ("done", 1), ("waiting", 0)]


def test_several_workers_do_each_once(real_database, said):
    words = [f"word {number}" for number in range(30)]
    add(*words)

    def work():
        try:
            ERRANDS.work_for(60)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(said) == sorted(words)
    assert list_rows() == [("done", 1)] * 30


def test_a_claim_that_another_was_faster_with_is_none(db, monkeypatch):
    (errand,) = add("once")
    monkeypatch.setattr(ERRANDS, "choose", lambda: errand)
    first = ERRANDS.claim()
    errand.attempts = 0
    assert ERRANDS.claim() is None
    first.check()


def test_a_lease_lasts_as_the_policy_says_and_can_be_renewed(db):
    add("long")
    lease = ERRANDS.claim()
    assert Errand.rows().expired().count() == 0
    expire(lease)
    assert Errand.rows().expired().count() == 1
    lease.renew(POLICY.lease_seconds)
    lease.row.refresh_from_db()
    left = lease.row.lease_expires_at - read_database_time()
    assert timedelta(seconds=25) < left <= timedelta(seconds=30)


@pytest.mark.parametrize(
    "write",
    [
        lambda lease: lease.check(),
        lambda lease: lease.renew(10),
        lambda lease: lease.end("done"),
        lambda lease: lease.reschedule(0),
        lambda lease: lease.release(),
    ],
)
def test_who_was_taken_over_may_write_nothing(db, write):
    add("contested")
    late = ERRANDS.claim()
    expire(late)
    ERRANDS.reap()
    successor = ERRANDS.claim()
    with pytest.raises(LeaseLost):
        write(late)
    successor.check()


def test_what_is_lost_meanwhile_is_settled_by_its_new_holder(db, said, caplog):
    add("lost")
    lease = ERRANDS.claim()
    Errand.objects.all().delete()
    with caplog.at_level(logging.INFO):
        ERRANDS.run(lease)
        ERRANDS.settle_failure(lease)
    assert caplog.text.count("lease lost") == 2


def test_a_released_row_does_not_count(db):
    add("again")
    ERRANDS.claim().release()
    assert ERRANDS.claim().attempt == 1


def test_a_failure_waits_longer_each_time_and_is_given_up_at_the_last(db, monkeypatch):
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    (errand,) = add("fail")
    waits = []
    for _ in range(POLICY.max_attempts):
        assert ERRANDS.work_for(60) == 1
        waits.append(measure_wait(errand) if errand.state == "waiting" else None)
        Errand.objects.update(runnable_at=now_in_database())
    assert [round(wait) for wait in waits[:2]] == [10, 20]
    assert (list_rows(), ERRANDS.work_for(60)) == ([("failed", 3)], 0)


def test_what_a_dead_worker_held_is_done_by_another(db, said):
    add("rescued")
    expire(ERRANDS.claim())
    leased_queue.reap_all()
    assert (ERRANDS.work_for(60), said, list_rows()) == (1, ["rescued"], [("done", 2)])


def test_a_lease_of_a_wrong_clock_is_taken_back(db):
    add("far")
    expire(ERRANDS.claim(), POLICY.lease_seconds + 3600)
    ERRANDS.reap()
    assert list_rows() == [("waiting", 1)]


def test_a_lease_that_was_renewed_meanwhile_is_left_alone(db):
    add("alive")
    lease = ERRANDS.claim()
    expire(lease)
    (seen,) = ERRANDS.select_expired()
    lease.renew(POLICY.lease_seconds)
    assert not ERRANDS.take_back(ERRANDS.build_lease(seen))
    lease.check()


def test_what_kills_its_worker_each_time_fails(db):
    add("deadly")
    for _ in range(POLICY.max_attempts):
        expire(ERRANDS.claim())
        ERRANDS.reap()
    assert list_rows() == [("failed", 3)]


def test_a_wait_of_a_wrong_clock_is_repaired(db):
    add("forgotten", seconds=24 * 3600), add("asked for", seconds=30)
    ERRANDS.reap()
    assert Errand.rows().due().get().word == "forgotten"


def test_workers_are_woken_for_what_is_due(db):
    add("one"), add("two")
    leased_queue.reap_all()
    assert [message.task["args"] for message in OrmQ.objects.all()] == [("errands.errand",)] * 2


def test_with_messages_in_the_queue_no_more_are_sent_for_a_while(db, monkeypatch):
    add("one")
    assert [ERRANDS.wake_for_due(), ERRANDS.wake_for_due()] == [1, 0]
    monkeypatch.setattr(ERRANDS, "_woken_at", ERRANDS._woken_at - leased_queue.WAKE_AGAIN_SECONDS - 1)
    assert ERRANDS.wake_for_due() == 1


def test_what_is_left_when_the_time_is_over_is_gone_on_with(db, said, monkeypatch):
    add("one", "two")
    moments = iter([0.0, 1.0, 11.0])
    monkeypatch.setattr(leased_queue, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    assert (ERRANDS.work_for(10), said, wakeup.count_messages()) == (1, ["one"], 1)


def test_while_the_database_is_away_nothing_is_claimed(db, monkeypatch, caplog):
    def refuse():
        raise OperationalError("the database system is starting up")

    add("one")
    monkeypatch.setattr(ERRANDS, "claim", refuse)
    assert ERRANDS.work_for(60) == 0
    assert "nothing is claimed" in caplog.text


def test_an_error_in_one_reaper_leaves_the_others_alone(db, monkeypatch, caplog):
    steps = leased_queue.QUEUES["jobs.step"]
    monkeypatch.setattr(steps, "reap", lambda: 1 / 0)
    add("rescued")
    expire(ERRANDS.claim())
    leased_queue.reap_all()
    assert (list_rows(), "the reaper of jobs.step failed" in caplog.text) == ([("waiting", 1)], True)


def test_a_database_that_is_away_ends_the_round(db, monkeypatch):
    def refuse():
        raise outage.OUTAGES[0]

    monkeypatch.setattr(leased_queue.QUEUES["jobs.step"], "reap", refuse)
    with pytest.raises(OperationalError):
        leased_queue.reap_all()


def test_a_kind_without_policy_or_function_says_so(db):
    nameless = leased_queue.LeasedQueue(Errand)
    with pytest.raises(NotImplementedError):
        _ = nameless.policy
    with pytest.raises(NotImplementedError):
        nameless.work(None)
