import pytest
from django.db.models import F
from django_q.models import OrmQ

from jobs import signals
from jobs.domain.base import storage
from jobs.domain.intake import submit
from jobs.domain.lifecycle import control, copying, reuse, transitions
from jobs.domain.queue import leases
from jobs.domain.reading import queries
from jobs.domain.steps import worker
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job, JobEvent, Recording, Segment, Step, Transcript
from jobs.states import JobState
from tests.jobs.sounds import build_wav

# pains R12
# Real commits: who waits is served after the commit of the one it waits for.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upload(make_job):
    """Upload sound that may be here already."""

    def make(owner, **options):
        return make_job(owner, force=False, **options)

    return make


@pytest.fixture
def finish(make_prepared, claim, say):
    """A completed job of two chunks with text.

    Its sound is that of `upload`.
    """

    def make(owner):
        job = make_prepared(owner, truncated=True)
        say(claim(), "at first")
        say(claim(), "and then")
        STEPS.work_for(30)
        return Job.objects.get(pk=job.pk)

    return make


@pytest.fixture
def complete(claim, say):
    """Do the rest of the only active job without the engine."""

    def run():
        while lease := leases.claim_step():
            say(lease, "at last") if lease.step.kind == "chunk" else worker.run_step(lease)

    return run


def read_states():
    return [job.state for job in Job.objects.order_by("created_at")]


def test_the_same_bytes_again_are_answered_at_once(finish, upload, anna):
    first = finish(anna)
    job = upload(anna, title="Once more")
    assert (job.state, job.reused_from, job.recording.title) == (JobState.COMPLETED, first, "Once more")
    assert leases.claim_step() is None


def test_the_second_recording_has_a_file_of_its_own(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    paths = [storage.get_audio_path(recording) for recording in (first.recording, job.recording)]
    assert (paths[0] != paths[1], paths[0].read_bytes() == paths[1].read_bytes()) == (True, True)


def test_the_text_is_taken_over_word_for_word(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    job = Job.objects.get(pk=job.pk)
    assert queries.read_transcript(job) == queries.read_transcript(first)
    assert queries.read_transcript(job).text == "at first and then"


def test_the_transcript_is_taken_over_in_all_its_columns(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    rows = [Transcript.objects.filter(job=key).values().get() for key in (first.pk, job.pk)]
    assert [row.pop("job_id") for row in rows] == [first.pk, job.pk]
    assert rows[0] == rows[1]


def test_what_is_doubtful_is_taken_over(finish, upload, anna):
    first = finish(anna)
    Segment.objects.update(flags=["repetition"])
    Step.objects.filter(kind="chunk").update(untranscribed=[[1.0, 2.0]])
    Transcript.objects.update(
        flags=["quiet"], recording_flags=["quiet"], gaps=[[0.5, 0.7]], coverage=0.9, review_spot_count=4
    )
    Job.objects.update(needs_review=True)
    job = Job.objects.get(pk=upload(anna).pk)
    assert queries.read_transcript(job) == queries.read_transcript(Job.objects.get(pk=first.pk))
    assert (job.needs_review, job.transcript.review_spot_count, len(queries.read_transcript(job).review_spots)) == (
        True,
        4,
        5,
    )


def test_the_facts_of_the_audio_are_taken_over(finish, upload, anna):
    facts = ("seconds", "media_type", "peaks", "bytes", "sha256")
    rows = [Recording.objects.filter(jobs=job).values(*facts).get() for job in (finish(anna), upload(anna))]
    assert rows[0] == rows[1]


def test_the_steps_are_taken_over_as_done_by_nobody(finish, upload, anna):
    finish(anna)
    steps = Step.objects.filter(job=upload(anna)).order_by("pk")
    assert list(steps.values_list("kind", "index", "state")) == [
        ("prepare", 0, "done"),
        ("chunk", 0, "done"),
        ("chunk", 1, "done"),
        ("finish", 0, "done"),
    ]
    assert set(steps.values_list("attempts", "claimed_by", "claimed_at", "compute_seconds")) == {(0, "", None, None)}


def test_the_segments_belong_to_the_chunks_of_their_own_job(finish, upload, anna):
    finish(anna)
    upload(anna)
    assert Segment.objects.count() == 4
    assert Segment.objects.filter(chunk__job=F("job")).count() == 4


def test_a_job_that_took_over_a_text_says_how_it_stands(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    told = (job.progress, job.stage, job.attempts, job.started_at, job.finished_at is None)
    assert told == (100.0, "", 0, None, False)
    assert (job.engine, job.warning, job.model_checksum) == (first.engine, first.warning, first.model_checksum)
    assert (first.engine, first.warning == "") == ("fake fake", False)


def test_the_log_says_from_which_job_the_text_was_taken(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    details = {"reused_from": str(first.pk)}
    assert list(job.events.values_list("kind", "state", "actor", "details").order_by("id")) == [
        ("created", "pending", anna.pk, details),
        ("state", "completed", None, details),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_taking_over_takes_the_same_queries_for_any_number_of_chunks(
    make_prepared, complete, upload, anna, number, django_assert_num_queries
):
    make_prepared(anna, chunks=number)
    complete()
    with django_assert_num_queries(31):
        upload(anna)


def test_with_force_the_same_bytes_are_transcribed_again(finish, upload, make_job, anna):
    finish(anna)
    job = make_job(anna, force=True)
    assert (job.state, job.reused_from, leases.claim_step().step.job) == (JobState.PENDING, None, job)


@pytest.mark.parametrize(
    "other", [{"language": "de"}, {"content": build_wav(4)}], ids=["another language", "other bytes"]
)
def test_what_is_not_the_same_runs_by_itself(finish, upload, anna, other):
    finish(anna)
    job = upload(anna, **other)
    assert (job.state, job.reused_from) == (JobState.PENDING, None)


def test_the_text_of_another_model_is_not_taken_over(finish, upload, anna):
    finish(anna)
    Job.objects.update(model_checksum="of another model")
    assert upload(anna).reused_from is None


def test_a_text_that_is_not_whole_is_not_taken_over(finish, upload, anna):
    finish(anna)
    Transcript.objects.update(is_complete=False)
    assert upload(anna).reused_from is None


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_the_text_of_a_job_that_did_not_complete_is_not_taken_over(finish, upload, anna, state):
    finish(anna)
    Job.objects.update(state=state)
    assert upload(anna).reused_from is None


def test_nothing_is_taken_over_from_others(finish, upload, anna, ben):
    finish(anna)
    job = upload(ben)
    assert (job.state, job.reused_from) == (JobState.PENDING, None)


def test_without_a_model_nothing_is_the_same(upload, anna, settings):
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    assert [upload(anna).reused_from for _ in range(2)] == [None, None]


def test_a_text_at_first_hand_is_preferred(finish, upload, anna):
    first = finish(anna)
    assert [upload(anna).reused_from for _ in range(2)] == [first, first]


def test_a_text_that_was_taken_over_can_be_taken_over(finish, upload, anna):
    first, second = finish(anna), upload(anna)
    control.delete_recording(first.recording)
    job = upload(anna)
    assert (job.state, job.reused_from) == (JobState.COMPLETED, second)
    assert queries.read_transcript(Job.objects.get(pk=job.pk)).text == "at first and then"


def test_a_recording_that_is_transcribed_again_runs_by_itself(finish, anna):
    first = finish(anna)
    job = submit.submit_recording(first.recording, actor=anna)
    assert (job.state, job.reused_from) == (JobState.PENDING, None)


def test_deleting_the_first_leaves_the_second(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    control.delete_recording(first.recording)
    job = queries.visible_jobs(anna).get()
    assert (job.reused_from_id, job.earlier_title) == (first.pk, None)
    assert queries.read_transcript(job).text == "at first and then"
    assert storage.get_audio_path(job.recording).read_bytes() == build_wav(3)


def test_deleting_the_second_leaves_the_first(finish, upload, anna):
    first, job = finish(anna), upload(anna)
    control.delete_recording(job.recording)
    assert queries.read_transcript(Job.objects.get()).text == "at first and then"
    assert storage.get_audio_path(first.recording).is_file()


@pytest.mark.parametrize("change", [lambda it: control.rename_recording(it, "New"), control.delete_recording])
def test_a_change_of_the_first_is_seen_on_the_second(finish, upload, anna, change):
    first, job = finish(anna), upload(anna)
    Job.objects.update(updated_at="2020-01-01T00:00:00Z")
    change(first.recording)
    assert Job.objects.get(pk=job.pk).updated_at.year > 2020


@pytest.mark.parametrize("rows", [1, 3])
def test_cards_name_the_earlier_recording_in_the_same_queries_for_any_number(
    finish, upload, anna, rows, django_assert_num_queries
):
    finish(anna)
    for _ in range(rows):
        upload(anna)
    with django_assert_num_queries(6):
        titles = [job.earlier_title for job in queries.list_cards(anna)]
    assert titles == [*["speech"] * rows, None]


def test_the_same_bytes_wait_for_a_job_that_is_at_them(upload, anna):
    first, job = upload(anna), upload(anna)
    assert (job.state, job.reused_from, job.steps.count()) == (JobState.PENDING, first, 0)


def test_who_waits_nudges_no_worker(upload, anna):
    upload(anna)
    OrmQ.objects.all().delete()
    upload(anna)
    assert OrmQ.objects.count() == 0


def test_all_wait_for_the_one_that_works(upload, anna):
    first = upload(anna)
    assert [upload(anna).reused_from for _ in range(2)] == [first, first]


def test_who_waits_completes_together_with_the_first(upload, complete, anna):
    jobs = [upload(anna) for _ in range(3)]
    complete()
    assert read_states() == [JobState.COMPLETED] * 3
    assert {queries.read_transcript(Job.objects.get(pk=job.pk)).text for job in jobs} == {"at last"}


def test_a_forced_job_at_work_is_waited_for_too(make_job, upload, anna):
    first = make_job(anna, force=True)
    assert upload(anna).reused_from == first


END_EARLY = [
    lambda job: transitions.fail_job(job, "engine_crashed", "It crashed."),
    lambda job: control.cancel_job(job, None),
    lambda job: control.delete_recording(job.recording),
]


@pytest.mark.parametrize("end", END_EARLY, ids=["failed", "cancelled", "deleted"])
def test_if_the_first_gives_no_text_the_oldest_that_waits_runs(upload, complete, anna, end):
    first, second, third = (upload(anna) for _ in range(3))
    end(first)
    assert leases.claim_step().step.job == second
    assert list(Job.objects.filter(pk=second.pk).values_list("state", "reused_from")) == [("pending", None)]
    assert list(Job.objects.filter(pk=third.pk).values_list("state", "reused_from")) == [("pending", second.pk)]


def test_those_behind_the_one_that_runs_complete_with_it(upload, complete, anna):
    first, *others = (upload(anna) for _ in range(3))
    control.cancel_job(first, anna)
    complete()
    assert {job.state for job in Job.objects.filter(pk__in=[job.pk for job in others])} == {JobState.COMPLETED}


def test_a_job_that_no_longer_waits_says_so_and_nudges_a_worker(upload, anna):
    first, second = upload(anna), upload(anna)
    OrmQ.objects.all().delete()
    control.cancel_job(first, anna)
    assert list(second.events.values_list("kind", "state").order_by("id"))[1:] == [("reuse_failed", "pending")]
    assert OrmQ.objects.count() == 1


def test_who_asked_for_another_model_runs_by_itself(upload, complete, anna):
    first, second, third = (upload(anna) for _ in range(3))
    Job.objects.filter(pk=second.pk).update(model_checksum="of another model")
    complete()
    assert read_states() == [JobState.COMPLETED] * 3
    assert list(Job.objects.filter(pk=second.pk).values_list("reused_from", "attempts")) == [(None, 1)]
    assert list(Job.objects.filter(pk=third.pk).values_list("reused_from", "attempts")) == [(first.pk, 0)]


def test_a_job_that_waits_can_be_cancelled(upload, complete, anna):
    _, second = upload(anna), upload(anna)
    control.cancel_job(second, anna)
    complete()
    assert read_states() == [JobState.COMPLETED, JobState.CANCELLED]
    assert Job.objects.get(pk=second.pk).reused_from is None


def test_a_job_that_waited_runs_by_itself_when_it_is_tried_again(upload, complete, anna):
    first, second = upload(anna), upload(anna)
    control.retry_job(control.cancel_job(second, anna), anna)
    assert {leases.claim_step().step.job for _ in range(2)} == {first, second}


def test_a_job_that_waits_can_be_deleted(upload, complete, anna):
    first, second = upload(anna), upload(anna)
    control.delete_recording(second.recording)
    complete()
    assert (Job.objects.get(), read_states()) == (first, [JobState.COMPLETED])


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_the_sweep_frees_who_waits_for_a_job_that_has_ended(upload, anna, state):
    first, second = upload(anna), upload(anna)
    Job.objects.filter(pk=first.pk).update(state=state)
    Step.objects.all().delete()
    STEPS.reap()
    assert leases.claim_step().step.job == second


def test_the_sweep_frees_who_waits_for_a_job_that_is_gone(upload, anna):
    first, second = upload(anna), upload(anna)
    Job.objects.filter(pk=first.pk).delete()
    STEPS.reap()
    assert leases.claim_step().step.job == second


def test_the_sweep_gives_who_waits_a_text_that_is_there(finish, upload, anna):
    first = finish(anna)
    Job.objects.update(state=JobState.PROCESSING)
    job = upload(anna)
    Job.objects.filter(pk=first.pk).update(state=JobState.COMPLETED)
    STEPS.reap()
    assert Job.objects.get(pk=job.pk).state == JobState.COMPLETED


def test_the_sweep_lets_those_wait_whose_first_is_at_work(upload, anna):
    first, second = upload(anna), upload(anna)
    STEPS.reap()
    assert (Job.objects.get(pk=second.pk).reused_from, reuse.settle_waiting(first.pk)) == (first, 0)


def test_the_reaper_serves_those_whose_process_died_after_the_commit(finish, upload, anna, monkeypatch):
    first, second = upload(anna), upload(anna)
    with monkeypatch.context() as patch:
        patch.setattr(signals.run_ended, "send_robust", lambda **_fields: None)
        control.cancel_job(first, None)
    assert Job.objects.get(pk=second.pk).reused_from == first
    STEPS.reap()
    assert (Job.objects.get(pk=second.pk).reused_from, second.steps.count()) == (None, 1)


def test_where_nobody_waits_there_is_nothing_to_settle(finish, anna):
    first = finish(anna)
    assert (reuse.settle_next(first.pk), reuse.settle_waiting(first.pk)) == (False, 0)


def test_a_job_that_fails_before_it_can_be_waited_for_is_left_alone(upload, anna, monkeypatch):
    first = upload(anna)
    lock = reuse.lock_original

    def fail_meanwhile(key):
        Job.objects.filter(pk=first.pk).update(state=JobState.FAILED)
        return lock(key)

    monkeypatch.setattr(reuse, "lock_original", fail_meanwhile)
    job = upload(anna)
    assert (job.reused_from, job.steps.count()) == (None, 1)


def test_a_failed_copy_leaves_nothing_behind(finish, upload, anna, monkeypatch):
    finish(anna)
    before = [model.objects.count() for model in (Recording, Job, Step, Segment, Transcript, JobEvent)]
    monkeypatch.setattr(copying, "COPIED_CHUNK", "(SELECT nonsense FROM nowhere WHERE id = %s)")
    with pytest.raises(Exception, match="nowhere"):
        upload(anna)
    assert [model.objects.count() for model in (Recording, Job, Step, Segment, Transcript, JobEvent)] == before
