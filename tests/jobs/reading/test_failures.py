"""Failed jobs are found by kind through an index.

They show nothing of the server's insides, and are changed many at a time.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.domain.base import reasons
from jobs.domain.feed import events
from jobs.domain.lifecycle import bulk, control, transitions
from jobs.domain.reading import failures, job_log
from jobs.errors import JobNotFailed, RetryPointless
from jobs.models import Job, JobEvent, Step
from jobs.states import JobState
from tests.databases import asks_sqlite


@pytest.fixture
def fail(make_job, anna):
    """Submit jobs and let them fail with a code."""

    def run(code="engine_crashed", number=1, owner=anna, detail="child ended with -9"):
        jobs = [make_job(owner) for _ in range(number)]
        for job in jobs:
            transitions.fail_job(job, code, "It broke.", details={"detail": detail})
        return jobs

    return run


def list_groups(owner, **limits):
    return [(group.code, group.count, group.newest.pk) for group in failures.group_failures(owner, **limits)]


def test_kinds_are_counted_the_most_frequent_first(fail, anna, ben):
    first, _, newest = [*fail("too_long"), *fail("worker_lost", 2)]
    (theirs,) = fail("worker_lost", owner=ben)
    assert list_groups(anna) == [("worker_lost", 2, newest.pk), ("too_long", 1, first.pk)]
    assert list_groups(None) == [("worker_lost", 3, theirs.pk), ("too_long", 1, first.pk)]


def test_counting_a_kind_ends_at_a_limit(fail, anna):
    newest = fail(number=3)[-1]
    assert list_groups(anna, limit=2) == [("engine_crashed", 2, newest.pk)]


def test_nothing_that_failed_has_no_kinds(make_job, fail, anna):
    make_job(anna)
    control.dismiss_job(*fail(), anna)
    assert list_groups(anna) == []


def test_a_kind_knows_what_happened_what_helps_and_whether_the_file_is_to_blame(fail, anna):
    fail("empty_file")
    (group,) = failures.group_failures(anna)
    assert (group.title, group.is_lasting) == ("The file is empty", True)
    assert group.advice == reasons.ADVICE["empty_file"]


def test_a_code_of_another_version_has_words_too():
    assert (reasons.describe_code("odd"), reasons.advise("odd")) == (
        "Something went wrong",
        "Retry. If it happens again, tell whoever runs this server.",
    )


def test_advice_against_another_try_is_given_where_it_cannot_help():
    told = {code for code, words in reasons.ADVICE.items() if "Another try can't help" in words}
    assert told == reasons.LASTING_ERRORS & set(reasons.ADVICE)


READS = {
    "groups": failures.group_failures,
    "groups of all": lambda user: failures.group_failures(None),
    "newest": lambda user: list(failures.dead_jobs(user).order_by("-created_at", "-id")[:20]),
    "of a kind": lambda user: list(
        failures.dead_jobs(user, error_code="too_long").order_by("-created_at", "-id")[:20]
    ),
    "dismissed": lambda user: list(
        failures.dismissed_jobs(user).order_by("-dismissed_at", "created_at", "id")[:20]
    ),
}  # fmt: skip


@asks_sqlite
@pytest.mark.parametrize("name", READS)
def test_failed_jobs_are_read_through_the_indexes_that_hold_no_others(fail, anna, name):
    fail()
    with CaptureQueriesContext(connection) as queries:
        READS[name](anna)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
        plan = [row[-1] for row in cursor.fetchall()]
    reads = [step for step in plan if "jobs_job " in step and "autoindex" not in step]
    assert [step for step in reads if "job_dead" not in step and "job_failed" not in step] == []
    assert [step for step in plan if "TEMP B-TREE" in step] == []


def test_the_last_error_is_that_of_the_last_run(fail, anna):
    (job,) = fail(detail="first")
    control.retry_job(job, anna)
    transitions.fail_job(job, "engine_crashed", "It broke.", details={"detail": "second"})
    control.dismiss_job(job, anna)
    (found,) = failures.with_last_error(failures.dismissed_jobs(anna))
    assert (failures.read_last_error(found), failures.find_last_error(job)) == ("second", "second")


def test_an_error_that_said_nothing_has_no_last_error(fail, anna):
    (job,) = fail(detail="")
    (found,) = failures.with_last_error(failures.dead_jobs(anna))
    assert (failures.read_last_error(found), failures.find_last_error(job)) == ("", "")


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("child ended with -9: \nsome noise", "child ended with -9"),
        (
            'Traceback (most recent call last):\n  File "/srv/a.py", line 3\nMemoryError: no room\n',
            "MemoryError: no room",
        ),
        ("numpy.exceptions.AxisError: axis 1", "numpy.exceptions.AxisError: axis 1"),
        ("no model.bin in /srv/models/base", "no model.bin in …"),
        ("'~/data/x.wav' and ../y.wav, 3/4 of https://a.org/b", "'…' and …, 3/4 of https://a.org/b"),
        (" \n ", ""),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_people_are_told_an_error_without_the_servers_insides(detail, told):
    assert failures.clean_detail(detail) == told


def test_dismissing_leaves_an_event_and_the_job_as_it_is(fail, anna):
    job = control.dismiss_job(*fail(), anna)
    again = control.dismiss_job(job, anna)
    event = JobEvent.objects.get(kind=events.DISMISSED)
    assert (event.actor, event.job_id, again.state, again.dismissed_at) == (
        anna,
        job.pk,
        JobState.FAILED,
        job.dismissed_at,
    )


def test_what_was_dismissed_can_be_taken_back(fail, anna):
    job = control.dismiss_job(*fail(), anna)
    assert control.take_back_job(job, anna).dismissed_at is None
    assert JobEvent.objects.filter(kind=events.TAKEN_BACK).count() == 1


@pytest.mark.parametrize("change", [control.dismiss_job, control.take_back_job])
def test_only_failed_jobs_are_dismissed(make_job, anna, change):
    with pytest.raises(JobNotFailed):
        change(make_job(anna), anna)


@pytest.mark.parametrize("change", [control.dismiss_job, control.take_back_job])
def test_a_deleted_job_is_not_dismissed(fail, anna, change):
    (job,) = fail()
    Job.objects.all().delete()
    with pytest.raises(Job.DoesNotExist):
        change(job, anna)


def test_a_retry_takes_the_dismissal_back(fail, anna):
    job = control.dismiss_job(*fail(), anna)
    assert control.retry_job(job, anna).dismissed_at is None
    assert Job.objects.get().dismissed_at is None


def test_many_are_retried_each_for_itself_with_few_wakeups(fail, anna, monkeypatch):
    fail(number=3)
    sent = []
    monkeypatch.setattr(bulk, "wake_workers", lambda _model, number: sent.append(number))
    assert bulk.change_chosen(anna, "retry", error_code="engine_crashed") == bulk.Tally(3, 0, 0)
    assert (sent, Step.objects.filter(state="waiting").count()) == ([3], 3)


def test_what_can_not_be_retried_any_more_is_skipped(fail, anna, monkeypatch):
    retried, deleted, _ = fail(number=3)
    restart = control.restart_job

    def restart_after_others(job, actor):
        if job.pk == retried.pk:
            restart(Job.objects.get(pk=job.pk), actor)
            Job.objects.filter(pk=deleted.pk).delete()
        restart(job, actor)

    monkeypatch.setattr(control, "restart_job", restart_after_others)
    assert bulk.change_chosen(anna, "retry", error_code="engine_crashed") == bulk.Tally(1, 2, 0)


@pytest.mark.parametrize(("action", "left"), [("dismiss", "dead_jobs"), ("take_back", "dismissed_jobs")])
def test_many_are_dismissed_and_taken_back_some_at_a_time(fail, anna, monkeypatch, action, left):
    monkeypatch.setattr(bulk, "DISMISSED_AT_ONCE", 2)
    fail(number=3)
    if action == "take_back":
        Job.objects.update(dismissed_at=timezone.now())
    assert bulk.change_chosen(anna, action, error_code="engine_crashed") == bulk.Tally(3, 0, 0)
    assert getattr(failures, left)(anna).count() == 0


def test_a_request_stops_when_its_time_is_up_and_says_what_is_left(fail, anna, monkeypatch):
    monkeypatch.setattr(bulk, "DISMISSED_AT_ONCE", 1)
    fail(number=3)
    note = control.set_dismissed_many

    def note_and_run_out(*arguments, **options):
        monkeypatch.setattr(bulk.time, "monotonic", lambda: float("inf"))
        return note(*arguments, **options)

    monkeypatch.setattr(control, "set_dismissed_many", note_and_run_out)
    assert bulk.dismiss_jobs(failures.dead_jobs(anna), anna) == bulk.Tally(1, 0, 2)


def test_a_request_looks_at_a_bounded_number_of_jobs(fail, anna, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 2)
    fail(number=3)
    tallies = [bulk.dismiss_jobs(failures.dead_jobs(anna), anna) for _ in range(2)]
    assert tallies == [bulk.Tally(2, 0, 1), bulk.Tally(1, 0, 0)]


def test_ids_choose_also_what_is_dismissed_and_foreign_ones_are_skipped(fail, anna, ben):
    (mine,) = fail("too_long")
    (theirs,) = fail(owner=ben)
    control.dismiss_job(mine, anna)
    assert bulk.change_chosen(anna, "retry", jobs=[mine.pk, theirs.pk]) == bulk.Tally(1, 1, 0)


def test_all_files_that_cannot_be_read_are_not_tried_again(fail, anna):
    fail("unreadable_media")
    with pytest.raises(RetryPointless):
        bulk.change_chosen(anna, "retry", error_code="unreadable_media")


def test_a_summary_of_a_job_without_pieces_is_empty(make_job, anna):
    assert job_log.summarise_work(make_job(anna)) == job_log.WorkSummary(0, 0, (), None)


def test_a_summary_tells_who_did_the_pieces_and_how_fast(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=3)
    leases = [claim(), claim()]
    for lease in leases:
        say(lease)
    audio = sum(lease.step.end - lease.step.start for lease in leases)
    (worker,) = {lease.token.rpartition(":")[0] for lease in leases}
    assert job_log.summarise_work(job) == job_log.WorkSummary(2, 3, ((worker, 2),), audio / 2)


def test_the_turns_of_a_job_are_its_newest_events_without_single_pieces(make_prepared, claim, say, anna, monkeypatch):
    monkeypatch.setattr(job_log, "MAX_MILESTONES", 2)
    job = make_prepared(anna, chunks=2)
    say(claim())
    assert [(event.kind, event.state) for event in job_log.list_milestones(job)] == [
        ("state", "processing"),
        ("stage", "processing"),
    ]
