"""A worker does one step after the other.

With the fake engine in its child process.
"""

import os
import threading
import time

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from accounts.models import User
from engine import ERRORS, EngineCrashed, StorageFull
from foundation.database import clock, leased_queue, outage
from foundation.database.leased_rows import LeaseLost
from jobs import conf
from jobs.domain.base import engines, storage
from jobs.domain.lifecycle import control, transitions
from jobs.domain.queue import heartbeat, leases
from jobs.domain.steps import finish_step, prepare_step, worker
from jobs.domain.steps.step_queue import STEPS
from jobs.errors import AudioMissing, DiskFull
from jobs.models import Job, JobEvent, Segment, Step
from jobs.states import JobState, StepState
from tests.jobs.sounds import make_fault, make_parts, make_silence, make_tone, wrap_wav


@pytest.fixture
def job(make_job, anna):
    return make_job(anna)


@pytest.fixture
def fail_with(monkeypatch):
    """Let every step raise."""

    def let(error):
        def refuse(lease):
            raise error

        monkeypatch.setattr(worker, "STEPS", dict.fromkeys(worker.STEPS, refuse))

    return let


def run_one():
    """Claim one step and do it, whenever it is due."""
    Step.objects.filter(state=StepState.WAITING).update(runnable_at=clock.now_in_database(-1))
    lease = leases.claim_step()
    worker.run_step(lease)
    return lease


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_recording_goes_the_whole_way(job):
    assert STEPS.work_for(30) == 3
    job.refresh_from_db()
    assert (job.state, job.progress, job.error_code, job.engine) == (JobState.COMPLETED, 100.0, "", "fake fake")


def test_every_second_is_transcribed_once(make_job, anna):
    # pains T2
    job = make_job(anna, content=wrap_wav(make_parts(3)))
    STEPS.work_for(30)
    words = [int(word.strip("abcdefghijklmnopqrstuvwxyz")) for word in Job.objects.get().transcript.text.split()]
    assert words == [0, 1, 2, 13, 14, 15, 26, 27]
    assert Job.objects.get(pk=job.pk).state == JobState.COMPLETED


def test_silence_completes_without_words(make_job, anna):
    # pains T1
    make_job(anna, content=wrap_wav(make_silence(3)))
    assert STEPS.work_for(30) == 2
    job = Job.objects.get()
    assert (job.state, job.transcript.is_complete, job.transcript.words) == (JobState.COMPLETED, True, 0)


def test_a_truncated_file_says_what_is_missing(make_job, anna):
    # pains T2
    make_job(anna, content=wrap_wav(make_tone(9))[: 44 + 4 * 32_000])
    STEPS.work_for(30)
    job = Job.objects.get()
    assert (job.state, job.warning) == (
        JobState.COMPLETED,
        "The file is damaged or cut off: about 5 seconds of it could not be read. What could be read is transcribed.",
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"not a sound at all", "unreadable_media"), (wrap_wav(b""), "empty_file")],
)
def test_what_cannot_be_read_fails_in_plain_words(make_job, anna, content, code):
    # pains Q12
    make_job(anna, content=content)
    assert STEPS.work_for(30) == 1
    job = Job.objects.get()
    assert (job.state, job.error_code, job.error_message) == (JobState.FAILED, code, ERRORS[code].message)


def test_a_recording_that_is_too_long_fails(make_job, anna, settings):
    settings.MAX_HOURS = 2 / 3600
    make_job(anna)
    STEPS.work_for(30)
    assert Job.objects.get().error_code == "too_long"


def test_without_a_model_a_job_fails_and_says_so(job, settings):
    engines.holder.close()
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    assert STEPS.work_for(30) == 1
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "model_missing")
    assert job.error_message == ERRORS["model_missing"].message
    engines.holder.close()


@pytest.mark.parametrize("error", [kind for kind in ERRORS.values() if not kind.retryable])
def test_an_error_that_no_retry_mends_fails_the_job_at_once(job, fail_with, error):
    fail_with(error())
    run_one()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_message) == (JobState.FAILED, error.code, error.message)


@pytest.mark.parametrize("error", [kind for kind in ERRORS.values() if kind.retryable and kind is not StorageFull])
def test_an_error_that_may_pass_is_tried_again(job, fail_with, error):
    fail_with(error("it happened"))
    run_one()
    step = Step.objects.get()
    assert (step.state, step.attempts, step.error_code) == (StepState.WAITING, 1, error.code)
    assert Job.objects.get().state == JobState.PROCESSING


def test_each_automatic_retry_is_in_the_log(job, fail_with):
    # pains Q12
    fail_with(EngineCrashed("signal 11"))
    run_one()
    event = JobEvent.objects.get(kind="step_rescheduled")
    assert (event.reason, event.details["detail"]) == ("engine_crashed", "signal 11")


def test_tries_come_to_an_end(job, fail_with):
    # pains Q4
    fail_with(EngineCrashed("signal 11"))
    leases_taken = [run_one() for _ in range(conf.get_max_attempts())]
    job.refresh_from_db()
    assert [lease.attempt for lease in leases_taken] == [1, 2, 3, 4]
    assert (job.state, job.error_code) == (JobState.FAILED, "engine_crashed")


@pytest.mark.parametrize("fault", ["crash", "memory", "stop"])
def test_after_a_fault_the_next_try_runs_in_a_fresh_process(make_job, anna, fault):
    # pains Q5
    make_job(anna, content=wrap_wav(make_fault(fault)))
    run_one()
    child = engines.holder.get_client().child_pid
    run_one()
    assert not is_running(child)
    assert Step.objects.get(kind="chunk").state == StepState.WAITING
    run_one()
    assert engines.holder.get_client().child_pid != child


def test_a_chunk_that_takes_too_long_is_stopped(make_job, anna, monkeypatch):
    make_job(anna, content=wrap_wav(make_fault("hang")))
    run_one()
    monkeypatch.setattr(worker.transcribe_step, "estimate_time_limit", lambda *args: 0.5)
    run_one()
    assert Step.objects.get(kind="chunk").error_code == "engine_timeout"


def test_one_bad_chunk_leaves_the_text_of_the_others(make_job, anna):
    # pains Q10, Q11
    make_job(anna, content=wrap_wav(make_tone(2) + make_silence(11) + make_fault("fail")))
    STEPS.work_for(30)
    assert Job.objects.get().error_code == "unreadable_media"
    assert [segment.start for segment in Segment.objects.all()] == [0.0, 1.0, 2.0]


def test_lost_audio_fails_the_job(job):
    storage.get_audio_path(job.recording).unlink()
    run_one()
    job.refresh_from_db()
    assert (job.error_code, job.error_message) == ("audio_missing", AudioMissing.message)


def test_a_lost_working_copy_is_made_anew(job):
    # pains Q12
    run_one()
    storage.remove_working_copy(job.pk)
    assert STEPS.work_for(30) == 4  # the chunk in vain, then prepare, chunk and finish
    assert Job.objects.get().state == JobState.COMPLETED
    assert JobEvent.objects.get(kind="step_rescheduled").reason == "working_copy_missing"


def test_a_working_copy_that_was_cut_off_is_made_anew(job):
    # pains T2
    run_one()
    os.truncate(storage.get_working_copy(job.pk), 1000)
    assert STEPS.work_for(30) == 4
    assert Job.objects.get().state == JobState.COMPLETED


def test_a_working_copy_that_is_lost_again_and_again_fails_the_job(job, settings):
    settings.MAX_ATTEMPTS = 2
    for _ in range(2):
        run_one()
        storage.remove_working_copy(job.pk)
        run_one()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "working_copy_missing")


def test_a_job_that_lost_its_working_copy_can_be_tried_again(job, anna, settings):
    settings.MAX_ATTEMPTS = 1
    run_one()
    storage.remove_working_copy(job.pk)
    run_one()
    job.refresh_from_db()
    control.retry_job(job, anna)
    assert STEPS.work_for(30) == 3
    assert Job.objects.get().state == JobState.COMPLETED


def test_the_last_failure_tells_which_try_of_which_step_it_was_and_whose(job, fail_with, settings):
    # pains Q12
    settings.MAX_ATTEMPTS = 1
    fail_with(EngineCrashed("child ended with -9"))
    run_one()
    details = JobEvent.objects.get(state=JobState.FAILED).details
    worker = details.pop("worker")
    assert details == {"step": "prepare", "index": 0, "attempt": 1, "detail": "child ended with -9"}
    assert worker.endswith(f":{os.getpid()}")


def test_a_bug_is_tried_again_with_a_fresh_engine_and_logged(job, fail_with, caplog):
    fail_with(ZeroDivisionError("a bug"))
    run_one()
    assert Step.objects.get().error_code == "unexpected_failure"
    assert JobEvent.objects.get(kind="step_rescheduled").details["detail"] == "ZeroDivisionError"
    assert "a bug" in caplog.text
    assert engines.holder.client is None


def test_a_stopped_worker_gives_its_step_back_uncounted(job, fail_with):
    fail_with(heartbeat.StopRequested())
    run_one()
    assert (Step.objects.get().state, Step.objects.get().attempts) == (StepState.WAITING, 0)
    assert JobEvent.objects.get(kind="step_released").reason == "the worker was stopped"


@pytest.mark.parametrize("error", [DiskFull(), StorageFull()])
def test_without_room_a_step_waits_uncounted(job, fail_with, error):
    fail_with(error)
    run_one()
    step = Step.objects.get()
    assert (step.state, step.attempts, step.runnable_at > timezone.now()) == (StepState.WAITING, 0, True)
    assert JobEvent.objects.get(kind="step_released").reason == "waiting for room on the disk"


def test_on_a_short_disk_nothing_is_decoded_until_there_is_room(job, settings):
    settings.MIN_FREE_MB = 10**9
    assert STEPS.work_for(30) == 0
    settings.MIN_FREE_MB = 0
    assert STEPS.work_for(30) == 3


def test_on_a_short_disk_what_is_decoded_goes_on_and_makes_room(job, settings):
    run_one()
    settings.MIN_FREE_MB = 10**9
    assert STEPS.work_for(30) == 2
    assert Job.objects.get().state == JobState.COMPLETED


def test_decoding_stops_when_the_room_runs_short(job, settings, monkeypatch):
    monkeypatch.setattr(conf, "CHECK_SECONDS", 0.0)
    lease = leases.claim_step()
    settings.MIN_FREE_MB = 10**9
    worker.run_step(lease)
    assert JobEvent.objects.get(kind="step_released").reason == "waiting for room on the disk"


def test_a_stopping_cluster_claims_nothing(job, monkeypatch):
    monkeypatch.setattr(leased_queue, "is_stopping", lambda: True)
    assert STEPS.work_for(30) == 0


def test_a_task_claims_no_longer_than_it_was_told(job):
    assert STEPS.work_for(0) == 0


@pytest.mark.parametrize("error", [LeaseLost(), EngineCrashed(), heartbeat.StopRequested()])
def test_what_happens_to_a_lost_step_is_no_longer_our_business(job, fail_with, monkeypatch, error):
    fail_with(error)
    lease = leases.claim_step()
    leases.release_step(lease)
    worker.run_step(lease)
    assert Step.objects.get().state == StepState.WAITING
    assert not JobEvent.objects.filter(kind__in=["step_rescheduled", "step_released"]).exists()


def test_a_step_whose_job_was_cancelled_is_not_begun(job, fail_with, anna):
    fail_with(AssertionError("begun"))
    lease = leases.claim_step()
    assert lease.step.job.state == JobState.PENDING
    control.cancel_job(Job.objects.get(), anna)
    worker.run_step(lease)
    assert Job.objects.get().state == JobState.CANCELLED


def test_a_step_left_over_by_a_job_that_has_ended_is_closed(job, anna):
    control.cancel_job(Job.objects.get(), anna)
    Step.objects.update(state=StepState.WAITING)
    assert STEPS.work_for(30) == 1
    assert (Step.objects.get().state, Step.objects.get().error_code) == (StepState.FAILED, "cancelled")


def test_a_step_whose_recording_was_deleted_is_left_in_peace(job, caplog):
    lease = leases.claim_step()
    assert lease.step.job == job
    control.delete_recording(job.recording)
    worker.run_step(lease)
    assert caplog.messages == []


@pytest.mark.django_db(transaction=True)
def test_a_start_whose_commit_failed_is_done_again(job, monkeypatch):
    lease, record = leases.claim_step(), transitions.events.record_event
    failures = iter([OperationalError("server closed the connection")])

    def fail_once(*arguments, **fields):
        for error in failures:
            raise error
        return record(*arguments, **fields)

    monkeypatch.setattr(transitions.events, "record_event", fail_once)
    monkeypatch.setattr(outage, "OUTAGE_PAUSE_SECONDS", 0)
    monkeypatch.setattr(outage, "drop_connection", lambda: None)
    assert outage.survive_outage(lambda: worker.begin_job(lease))
    assert Job.objects.get().state == JobState.PROCESSING


def test_two_workers_start_a_job_once(job):
    lease, stale = leases.claim_step(), Step.objects.select_related("job").get()
    assert worker.begin_job(lease)
    assert worker.begin_job(leases.Lease(stale, lease.token, 1))
    assert Job.objects.get().attempts == 1


@pytest.mark.parametrize(("attempt", "ceiling"), [(1, 2), (2, 4), (3, 8), (4, 16), (40, 120)])
def test_waits_are_random_below_a_doubling_cap(attempt, ceiling):
    waits = [worker.build_policy().choose_delay(attempt) for _ in range(400)]
    assert 0 <= min(waits) < ceiling * 0.1
    assert ceiling * 0.9 < max(waits) <= ceiling


@pytest.mark.parametrize(("asked", "waited"), [(30, 30), (86_400, 600)])
def test_a_service_gets_the_time_that_it_asks_for_within_reason(asked, waited):
    waits = [worker.build_policy().choose_delay(1, asked) for _ in range(50)]
    assert waited <= min(waits) <= max(waits) <= waited + 2


def test_the_settings_say_how_long_tries_are_apart(settings):
    settings.RETRY_BASE_SECONDS, settings.RETRY_CAP_SECONDS = 100, 150
    assert max(worker.build_policy().choose_delay(1) for _ in range(400)) > 90
    assert 140 < max(worker.build_policy().choose_delay(9) for _ in range(400)) <= 150


def test_a_failure_of_the_analysis_keeps_the_text(job, monkeypatch, caplog):
    # pains Q10
    monkeypatch.setattr(finish_step, "analyse", lambda *args, on_tick: 1 / 0)
    for _ in range(2 + conf.get_max_attempts()):
        run_one()
    job.refresh_from_db()
    assert (job.state, job.transcript.words, job.transcript.is_complete) == (JobState.COMPLETED, 3, True)
    assert (job.transcript.category, job.transcript.category_reason) == ("", "analysis_failed")


def test_with_a_single_try_a_failed_analysis_fails_the_job_and_keeps_the_text(job, monkeypatch, settings, caplog):
    # pains Q10
    settings.MAX_ATTEMPTS = 1
    monkeypatch.setattr(finish_step, "analyse", lambda *args, on_tick: 1 / 0)
    for _ in range(3):
        run_one()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.transcript.words) == (JobState.FAILED, "unexpected_failure", 3)


def test_a_failed_analysis_can_be_retried_without_transcribing_again(job, anna, monkeypatch, settings, caplog):
    # pains Q10, Q11
    settings.MAX_ATTEMPTS = 1
    with monkeypatch.context() as patch:
        patch.setattr(finish_step, "analyse", lambda *args, on_tick: 1 / 0)
        for _ in range(3):
            run_one()
    control.retry_job(Job.objects.get(), anna)
    assert STEPS.work_for(30) == 1
    assert Job.objects.get().state == JobState.COMPLETED


def test_a_database_that_is_away_ends_the_task(job, fail_with, monkeypatch, caplog):
    fail_with(DatabaseError("gone"))
    monkeypatch.setattr(worker, "settle_failure", lambda *args: (_ for _ in ()).throw(DatabaseError("still gone")))
    with pytest.raises(DatabaseError):
        run_one()
    assert Step.objects.get().state == StepState.RUNNING


def test_preparing_leaves_no_draft_behind(job):
    run_one()
    assert [path.name for path in conf.get_working_dir().iterdir()] == [f"{job.pk}.wav"]


def test_a_preparation_that_lost_its_lease_leaves_the_working_copy_alone(job, monkeypatch):
    lease = leases.claim_step()
    successor = []

    class Rival:
        def __init__(self, held, check_space):
            self.held = held

        def __call__(self, seconds_done):
            if not successor:
                leases.release_step(self.held)
                successor.append(leases.claim_step())

    monkeypatch.setattr(prepare_step, "Heartbeat", Rival)
    worker.run_step(lease)
    assert list(conf.get_working_dir().iterdir()) == []
    successor[0].check()


@pytest.mark.parametrize("act", ["cancel", "delete"])
def test_the_engine_stops_within_two_seconds(real_database, slow_engine, make_job, act):
    # pains Q7
    job = make_job(User.objects.create_user("anna"), seconds=30)
    run_one()
    child = slow_engine.get_client().child_pid
    acted_at = []

    def interfere():
        time.sleep(0.5)
        acted_at.append(time.monotonic())
        other = Job.objects.get(pk=job.pk)
        control.cancel_job(other, None) if act == "cancel" else control.delete_recording(other.recording)
        connection.close()

    thread = threading.Thread(target=interfere)
    thread.start()
    run_one()
    thread.join()
    assert time.monotonic() - acted_at[0] < 2
    assert not is_running(child)
