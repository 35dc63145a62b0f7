import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from foundation.database.leased_rows import LeaseLost
from jobs.domain.base import storage
from jobs.domain.lifecycle import control, transitions
from jobs.domain.queue import leases
from jobs.domain.steps import finish_step, prepare_step
from jobs.domain.steps.step_queue import STEPS
from jobs.errors import JobFinished, JobNotRetryable
from jobs.models import Job, JobEvent, Recording, Segment, Step
from jobs.states import JobState, StepState
from tests.jobs.sounds import build_preparation


@pytest.fixture
def prepare_again(claim):
    """Do the prepare step as with an engine's answer.

    Returns the job.
    """

    def run(job, chunks, **options):
        lease = claim()
        assert (lease.step.job_id, lease.step.kind) == (job.pk, "prepare")
        draft = storage.get_draft_copy(job.pk, lease.token)
        prepare_step.store_preparation(lease, draft, build_preparation(chunks, **options))

    return run


def test_a_pending_job_can_be_cancelled(make_job, anna):
    # pains Q1
    job = control.cancel_job(make_job(anna), anna)
    assert (job.state, leases.claim_step()) == (JobState.CANCELLED, None)


def test_a_job_can_be_cancelled_while_it_is_prepared(make_job, claim, anna):
    make_job(anna)
    lease = claim()
    control.cancel_job(Job.objects.get(), anna)
    with pytest.raises(LeaseLost):
        lease.check()


def test_a_job_can_be_cancelled_while_it_is_transcribed(make_prepared, claim, say, anna):
    make_prepared(anna)
    lease = claim()
    control.cancel_job(Job.objects.get(), anna)
    with pytest.raises(LeaseLost):
        say(lease)
    assert (Job.objects.get().state, Segment.objects.count()) == (JobState.CANCELLED, 0)


def test_a_job_can_be_cancelled_while_it_is_analysed(make_prepared, claim, say, anna, monkeypatch):
    make_prepared(anna, chunks=1)
    say(claim())
    analyse = finish_step.analyse

    def cancel_meanwhile(*args, on_tick):
        control.cancel_job(Job.objects.get(), anna)
        return analyse(*args)

    monkeypatch.setattr(finish_step, "analyse", cancel_meanwhile)
    assert STEPS.work_for(30) == 1
    assert Job.objects.get().state == JobState.CANCELLED
    assert not Job.objects.get().transcript.is_complete


def test_who_cancelled_is_in_the_log(make_job, anna):
    control.cancel_job(make_job(anna), anna)
    assert JobEvent.objects.filter(state="cancelled").get().actor == anna


def test_cancelling_twice_is_fine(make_job, anna):
    job = make_job(anna)
    control.cancel_job(job, anna)
    control.cancel_job(job, anna)
    assert JobEvent.objects.filter(state="cancelled").count() == 1


def test_cancelling_what_has_been_cancelled_meanwhile_is_fine(make_job, anna):
    job, same = make_job(anna), Job.objects.get()
    control.cancel_job(same, anna)
    assert control.cancel_job(job, anna).state == JobState.CANCELLED


def test_a_job_that_starts_meanwhile_is_cancelled_all_the_same(make_job, claim, anna):
    job = make_job(anna)
    claim()
    assert control.cancel_job(job, anna).state == JobState.CANCELLED


@pytest.mark.parametrize("state", [JobState.COMPLETED, JobState.FAILED])
def test_an_ended_job_cannot_be_cancelled(make_job, anna, state):
    job = make_job(anna)
    Job.objects.update(state=state)
    with pytest.raises(JobFinished):
        control.cancel_job(job, anna)


@pytest.mark.parametrize("state", [JobState.PENDING, JobState.PROCESSING, JobState.COMPLETED])
def test_only_failed_and_cancelled_jobs_can_be_retried(make_job, anna, state):
    job = make_job(anna)
    Job.objects.update(state=state)
    job.refresh_from_db()
    with pytest.raises(JobNotRetryable):
        control.retry_job(job, anna)


def test_retrying_twice_starts_one_run(make_job, anna):
    job = control.cancel_job(make_job(anna), anna)
    stale = Job.objects.get()
    control.retry_job(job, anna)
    with pytest.raises(JobNotRetryable):
        control.retry_job(stale, anna)


def test_a_retried_job_is_prepared_again(make_job, anna):
    job = control.cancel_job(make_job(anna), anna)
    control.retry_job(job, anna)
    assert leases.claim_step().attempt == 1


def test_a_retry_keeps_the_finished_chunks(make_prepared, prepare_again, claim, say, anna):
    # pains Q11
    job = make_prepared(anna, chunks=3)
    say(claim())
    kept = (Segment.objects.get(), Step.objects.filter(kind="chunk", index=0).values().get())
    job = control.cancel_job(Job.objects.get(), anna)
    control.retry_job(job, anna)
    prepare_again(job, 3)
    assert (Segment.objects.get(), Step.objects.filter(kind="chunk", index=0).values().get()) == kept
    assert [claim().step.index for _ in range(2)] == [1, 2]


def test_a_deleted_job_cannot_be_retried(make_job, anna):
    job = make_job(anna)
    control.cancel_job(job, anna)
    control.delete_recording(Recording.objects.get())
    with pytest.raises(Job.DoesNotExist):
        control.retry_job(job, anna)


def test_a_retry_measures_its_speed_anew(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=2)
    say(claim())
    control.cancel_job(Job.objects.get(), anna)
    control.retry_job(Job.objects.get(), anna)
    job = Job.objects.get()
    transitions.start_job(job, "worker")
    assert (job.progress > 0, job.estimate_eta(timezone.now())) == (True, None)


def test_a_retry_forgives_unfinished_chunks_their_attempts(make_prepared, prepare_again, anna):
    job = make_prepared(anna, chunks=2)
    Step.objects.filter(kind="chunk").update(attempts=F("attempts") + 3)
    control.retry_job(control.cancel_job(job, anna), anna)
    prepare_again(job, 2)
    chunks = Step.objects.filter(kind="chunk")
    assert set(chunks.values_list("state", "attempts", "error_code")) == {("waiting", 0, "")}


def test_audio_that_is_cut_elsewhere_is_done_anew(make_prepared, prepare_again, claim, say, anna):
    job = make_prepared(anna, chunks=2)
    say(claim())
    control.retry_job(control.cancel_job(Job.objects.get(), anna), anna)
    prepare_again(job, 3)
    assert (Step.objects.filter(kind="chunk", state="waiting").count(), Segment.objects.count()) == (3, 0)


def test_a_retry_with_all_chunks_done_only_finishes(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim())
    control.retry_job(control.cancel_job(Job.objects.get(), anna), anna)
    assert STEPS.work_for(30) == 1
    job.refresh_from_db()
    assert (job.state, job.transcript.text) == (JobState.COMPLETED, "so it was said")


def test_a_retry_makes_up_for_a_finish_that_was_never_made(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    say(claim())
    Step.objects.filter(kind="finish").delete()
    control.retry_job(control.cancel_job(Job.objects.get(), anna), anna)
    assert STEPS.work_for(30) == 1
    assert Job.objects.get().state == JobState.COMPLETED


def test_a_run_that_was_cancelled_cannot_write_into_the_next(make_prepared, prepare_again, claim, say, anna):
    # pains Q2
    job = make_prepared(anna, chunks=1)
    old = claim()
    control.retry_job(control.cancel_job(Job.objects.get(), anna), anna)
    prepare_again(job, 1)
    new = claim()
    assert (old.step.pk, old.attempt) == (new.step.pk, new.attempt)
    with pytest.raises(LeaseLost):
        say(old, "old words")


def test_a_title_is_cleaned(make_job, anna):
    recording = control.rename_recording(make_job(anna).recording, "  Board \x00 meeting\u202e ")
    assert Recording.objects.get().title == recording.title == "Board meeting"


def test_an_empty_title_changes_nothing(make_job, anna):
    control.rename_recording(make_job(anna, title="Board meeting").recording, " \x00 ")
    assert Recording.objects.get().title == "Board meeting"


def test_deleting_a_recording_deletes_all_that_came_of_it(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim())
    control.delete_recording(job.recording)
    assert [model.objects.count() for model in (Recording, Job, Step, Segment, JobEvent)] == [0] * 5


def test_deleting_one_recording_leaves_others(make_job, anna):
    other = make_job(anna)
    control.delete_recording(make_job(anna).recording)
    assert (Job.objects.get(), storage.get_audio_path(other.recording).exists()) == (other, True)


def test_the_files_go_after_the_commit(make_job, anna, django_capture_on_commit_callbacks):
    job = make_job(anna)
    audio, copy = storage.get_audio_path(job.recording), storage.get_working_copy(job.pk)
    copy.parent.mkdir()
    copy.touch()
    with django_capture_on_commit_callbacks(execute=True):
        control.delete_recording(job.recording)
        assert (audio.exists(), copy.exists()) == (True, True)
    assert (audio.parent.exists(), copy.exists()) == (False, False)


def test_the_files_stay_when_the_deletion_is_undone(make_job, anna, django_capture_on_commit_callbacks):
    audio = storage.get_audio_path(make_job(anna).recording)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        control.delete_recording(Recording.objects.get())
        transaction.set_rollback(True)
    assert (audio.exists(), Recording.objects.count()) == (True, 1)


def test_a_job_that_ends_while_it_is_deleted_is_deleted(make_job, anna):
    recording = make_job(anna).recording
    stale = list(recording.jobs.all())
    Job.objects.update(state=JobState.COMPLETED)
    recording.jobs._result_cache = None
    control.cancel_quietly(stale[0])
    control.delete_recording(recording)
    assert Job.objects.count() == 0


def test_deleting_while_a_worker_is_at_it_stores_nothing(make_prepared, claim, say, anna):
    # pains Q1
    job = make_prepared(anna, chunks=1)
    lease = claim()
    control.delete_recording(job.recording)
    with pytest.raises(LeaseLost):
        say(lease)
    assert Segment.objects.count() == 0


def test_after_a_cancellation_the_sweep_finds_nothing(make_prepared, claim, anna):
    make_prepared(anna)
    claim()
    control.cancel_job(Job.objects.get(), anna)
    assert STEPS.reap().expired == 0
    assert not Step.objects.filter(state=StepState.RUNNING).exists()


def test_a_job_that_killed_its_workers_waits_for_its_turn_when_it_is_tried_again(
    make_job, claim, expire, anna, settings
):
    # pains Q14
    settings.MAX_ATTEMPTS = 1
    job = make_job(anna)
    expire(claim())
    STEPS.reap()
    control.retry_job(Job.objects.get(pk=job.pk), anna)
    assert Step.objects.get().due_at > job.created_at


@pytest.mark.parametrize("times", [1, 2])
def test_a_deletion_that_was_disturbed_is_done_again(make_job, anna, monkeypatch, times):
    job, delete = make_job(anna), control.delete_rows
    disturbances = iter([IntegrityError("a job was added")] * times)

    def fail_once(recording):
        for error in disturbances:
            raise error
        delete(recording)

    monkeypatch.setattr(control, "delete_rows", fail_once)
    control.delete_recording(job.recording)
    assert not Job.objects.exists()
