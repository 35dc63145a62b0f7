"""The feed goes to the right people, and skips nothing."""

import uuid
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from jobs import conf
from jobs.domain.feed import events, job_feed, touch
from jobs.domain.feed.job_feed import Position
from jobs.domain.lifecycle import control, reuse, transitions
from jobs.domain.queue.leases import lock_job
from jobs.domain.steps import progress
from jobs.models import FeedEvent, Job, Recording, Step
from tests.waiting import take_time


def list_kinds():
    return list(FeedEvent.objects.order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.-3", "1..2", "٣.1.1", "1.2." + "9" * 19])
def test_what_is_no_position_is_none(text):
    assert Position.parse(text) is None


def test_a_position_is_read_as_it_was_written():
    position = Position(12, 34, 56)
    assert Position.parse(str(position)) == position
    assert Position(2, 1, 0).is_after(Position(1, 9, 5))
    assert Position(1, 2, 0).is_after(Position(1, 1, 9))
    assert not Position(1, 1, 9).is_after(Position(1, 1, 0))


@pytest.mark.django_db
class TestPublishing:
    """Every change that a page shows is published."""

    @pytest.fixture
    def job(self, make_job, owner):
        return make_job(owner)

    @pytest.fixture
    def owner(self):
        return User.objects.create_user("anna")

    def test_an_event_of_the_log_is_told(self, job):
        FeedEvent.objects.all().delete()
        events.record_event(job, events.STAGE)
        told = FeedEvent.objects.get()
        assert (told.owner_id, told.job_id, told.kind, told.state) == (job.owner_id, job.pk, "stage", job.state)

    def test_who_has_read_something_is_told_to_nobody(self, job, owner):
        FeedEvent.objects.all().delete()
        events.record_reading(job, owner, "text")
        assert list_kinds() == []

    @pytest.mark.parametrize("number", [1, 3])
    def test_many_are_told_in_one_query(self, job, number, django_assert_num_queries):
        with django_assert_num_queries(1 if connection.vendor == "sqlite" else 2):
            job_feed.publish([job] * number, job_feed.CHANGED)
        with django_assert_num_queries(0):
            job_feed.publish([], job_feed.CHANGED)

    def test_progress_is_told_while_a_job_is_processed(self, job):
        FeedEvent.objects.all().delete()
        progress.update_progress(job)
        assert list_kinds() == []
        Job.objects.filter(pk=job.pk).update(state="processing")
        progress.update_progress(job)
        assert list_kinds() == ["progress"]

    def test_a_new_title_is_told(self, job):
        FeedEvent.objects.all().delete()
        control.rename_recording(job.recording, "Better")
        (told,) = job_feed.read_after(Position(0, 0)).events
        assert (told.kind, told.title) == ("changed", "Better")

    def test_what_has_no_jobs_tells_nothing(self, job):
        FeedEvent.objects.all().delete()
        touch.touch_jobs(Job.objects.none())
        assert list_kinds() == []

    def test_a_deletion_is_told_after_the_job_has_gone(self, job):
        FeedEvent.objects.all().delete()
        key = job.pk
        control.delete_recording(job.recording)
        told = job_feed.read_after(Position(0, 0)).events
        assert [(event.kind, event.job_id, event.title) for event in told][-1] == ("deleted", key, None)

    def test_those_that_wait_for_another_now_are_told(self, make_job, owner):
        oldest, other = make_job(owner), make_job(owner)
        oldest.steps.all().delete()
        FeedEvent.objects.all().delete()
        reuse.run_oldest([oldest, other])
        told = set(FeedEvent.objects.values_list("kind", "job_id"))
        assert told == {("reuse_failed", oldest.pk), ("changed", other.pk)}

    @pytest.mark.parametrize("number", [1, 3])
    def test_reading_takes_one_query(self, make_job, owner, number, django_assert_num_queries):
        for _ in range(number):
            make_job(owner)
        with django_assert_num_queries(1):
            assert len(job_feed.read_after(Position(0, 0)).events) >= number


@pytest.fixture
def person(real_database):
    return User.objects.create_user("anna")


def publish(person, number=0.0):
    job_feed.publish([Job(id=uuid.uuid4(), owner_id=person.pk, progress=number)], job_feed.PROGRESS)


def read_numbers(position, person=None):
    reading = job_feed.read_after(position, owner_id=person.pk if person else None)
    return [event.progress for event in reading.events], reading.has_waiting


def test_a_reader_begins_at_the_end(person):
    publish(person, 1)
    end = job_feed.find_end()
    publish(person, 2)
    assert read_numbers(end) == ([2], False)


def test_only_ones_own_are_read(person):
    stranger = User.objects.create_user("boris")
    end = job_feed.find_end()
    publish(person, 1)
    publish(stranger, 2)
    assert read_numbers(end, person)[0] == [1]
    assert read_numbers(end)[0] == [1, 2]


def test_reading_goes_on_within_one_transaction(person):
    end = job_feed.find_end()
    with transaction.atomic():
        for number in (1, 2, 3):
            publish(person, number)
    first = job_feed.read_after(end).events[0]
    assert read_numbers(Position(first.transaction_id, first.pk))[0] == [2, 3]
    assert [event.progress for event in job_feed.read_after(end, limit=2).events] == [1, 2]


def test_nothing_is_skipped_when_commits_overtake_each_other(person):
    """The first to write is the last to commit.

    On SQLite the second has to wait for it.
    """
    end, has_written, may_commit = job_feed.find_end(), Event(), Event()

    def write_first():
        with transaction.atomic():
            publish(person, 1)
            has_written.set()
            may_commit.wait(10)
        connection.close()

    thread = Thread(target=write_first)
    thread.start()
    has_written.wait(10)
    if connection.vendor == "postgresql":
        publish(person, 2)
        assert read_numbers(end) == ([], True)
    may_commit.set()
    thread.join()
    if connection.vendor == "sqlite":
        publish(person, 2)
    assert read_numbers(end) == ([1, 2], False)


def test_what_is_too_old_is_neither_kept_nor_promised(person):
    publish(person, 1)
    age = timedelta(seconds=conf.FEED_KEPT_SECONDS)
    long_ago = timezone.now() - age
    FeedEvent.objects.update(created_at=long_ago - timedelta(seconds=conf.FEED_SPARE_SECONDS + 5))
    publish(person, 2)
    end = job_feed.find_end()
    assert job_feed.is_kept(end)
    assert not job_feed.is_kept(Position(end.transaction_id, end.id, int(long_ago.timestamp()) - 1))
    assert job_feed.remove_old() == 1
    assert FeedEvent.objects.get().progress == 2


def test_a_position_of_the_future_is_not_believed(person):
    end = job_feed.find_end()
    assert not job_feed.is_kept(Position(end.transaction_id + 5, end.id + 5, end.seconds))


def test_numbers_that_are_yet_to_be_given_are_left_out(person):
    """As after a copy of another server's database was read in."""
    publish(person, 1)
    if connection.vendor == "postgresql":
        FeedEvent.objects.update(transaction_id=job_feed.find_end().transaction_id + 1_000_000)
    end = job_feed.find_end()
    publish(person, 2)
    assert read_numbers(end) == ([2], False)
    assert read_numbers(Position(0, 0)) == ([2] if connection.vendor == "postgresql" else [1, 2], False)
    # They go before the numbers are given.
    assert job_feed.remove_old() == (1 if connection.vendor == "postgresql" else 0)
    assert job_feed.remove_old() == 0


def count_read(**options):
    reading = job_feed.read_after(Position(0, 0), **options)
    return len(reading.events), reading.has_waiting


@pytest.mark.parametrize("real_database", ["postgresql"], indirect=True)
def test_what_has_to_wait_for_an_older_transaction_is_not_even_read(person):
    may_end, has_begun = Event(), Event()

    def write_slowly():
        with transaction.atomic():
            publish(person)
            has_begun.set()
            may_end.wait(20)
        connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    assert has_begun.wait(20)
    for _ in range(3):
        publish(person)
    assert count_read() == (0, True)
    may_end.set()
    writer.join(20)
    assert count_read(limit=3) == (3, False)
    assert count_read() == (4, False)


@pytest.mark.parametrize("real_database", ["postgresql"], indirect=True)
def test_changes_of_one_job_are_told_in_the_order_in_which_they_happen(person):
    """Two wait for a third to release the job.

    The second to come is also published second.
    """
    recording = Recording.objects.create(owner=person, title="Talk", bytes=1, source="uploaded")
    job = Job.objects.create(owner=person, recording=recording, state="processing")
    may_end, has_begun = Event(), Event()

    def hold():
        with transaction.atomic():
            lock_job(job.pk)
            has_begun.set()
            may_end.wait(20)
        connection.close()

    def work():
        with transaction.atomic():
            lock_job(job.pk)
            take_time(0.3)
            events.record_event(Job.objects.get(pk=job.pk), events.STAGE)
        connection.close()

    def cancel():
        transitions.cancel_active_job(Job.objects.get(pk=job.pk), person, "not needed")
        connection.close()

    threads = [Thread(target=step) for step in (hold, work, cancel)]
    for thread in threads:
        thread.start()
        assert has_begun.wait(20)
        # Until it waits for the row, behind the one before it.
        take_time(0.3)
    may_end.set()
    for thread in threads:
        thread.join(20)
    told = [(event.kind, event.state) for event in job_feed.read_after(Position(0, 0)).events]
    assert told == [("stage", "processing"), ("state", "cancelled")]


@pytest.mark.parametrize("real_database", ["postgresql"], indirect=True)
def test_progress_never_goes_back_to_what_was_true_before_a_wait(person):
    recording = Recording.objects.create(owner=person, title="Talk", bytes=1, source="uploaded")
    job = Job.objects.create(owner=person, recording=recording, state="processing")
    moment = timezone.now()
    chunk = Step.objects.create(
        job=job, owner=person, kind="chunk", start=0, end=10, seconds_done=4, runnable_at=moment, due_at=moment
    )
    has_begun = Event()

    def store():
        with transaction.atomic():
            lock_job(job.pk)
            has_begun.set()
            take_time(0.5)
            Step.objects.filter(pk=chunk.pk).update(seconds_done=5)
            Job.objects.filter(pk=job.pk).update(progress=50)
        connection.close()

    storing = Thread(target=store)
    storing.start()
    assert has_begun.wait(20)
    progress.update_progress(job)
    storing.join(20)
    job.refresh_from_db()
    assert job.progress == 50
