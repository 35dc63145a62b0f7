import hashlib

import pytest
from django.db import IntegrityError, OperationalError
from django_q.models import OrmQ

from accounts.models import User
from jobs import conf
from jobs.domain.base import storage
from jobs.domain.intake import submit
from jobs.domain.queue import leases
from jobs.domain.steps import worker
from jobs.errors import DiskFull, EmptyUpload, UnsupportedLanguage, UploadTooLarge
from jobs.models import Job, JobEvent, Recording, Step
from tests.jobs.sounds import build_upload, build_wav

CONTENT = build_wav(1)


def list_kept_files():
    return [path for path in conf.get_data_dir().rglob("*") if path.is_file()]


def test_an_upload_becomes_a_recording(data_dir, anna):
    recording = submit.submit_upload(anna, build_upload(CONTENT, "Monday.wav")).recording
    assert (recording.owner, recording.title, recording.original_name) == (anna, "Monday", "Monday.wav")
    assert (recording.bytes, recording.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert storage.get_audio_path(recording).read_bytes() == CONTENT


def test_an_upload_becomes_a_pending_job_with_one_step(make_job, anna):
    job = make_job(anna)
    assert (job.state, job.owner, job.options) == ("pending", anna, {})
    assert list(Step.objects.values_list("kind", "owner")) == [("prepare", anna.pk)]


def test_a_new_job_is_logged_with_who_made_it(make_job, anna):
    make_job(anna)
    assert list(JobEvent.objects.values_list("kind", "state", "actor")) == [("created", "pending", anna.pk)]


def test_a_new_job_nudges_a_worker_after_the_commit(make_job, anna, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_job(anna)
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        ("  Board\x00 meeting ", "a.wav", "Board meeting"),
        ("", "Team\u202e talk.mp3", "Team talk"),
        ("\x00", "\x07.wav", "Untitled recording"),
        ("x" * 300, "a.wav", "x" * 200),
    ],
)
def test_titles_are_cleaned(data_dir, anna, title, name, expected):
    assert submit.submit_upload(anna, build_upload(CONTENT, name), title=title).recording.title == expected


def test_the_language_is_an_option_of_the_job(make_job, anna):
    assert make_job(anna, language="de").options == {"language": "de"}


def test_a_language_that_the_model_does_not_know_is_refused(make_job, anna):
    with pytest.raises(UnsupportedLanguage):
        make_job(anna, language="xx")


def test_without_a_model_any_language_is_taken(make_job, anna, settings):
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    assert make_job(anna, language="xx").options == {"language": "xx"}


def test_an_empty_file_is_refused(data_dir, anna):
    with pytest.raises(EmptyUpload):
        submit.submit_upload(anna, build_upload(b""))


def test_a_file_that_is_too_large_is_refused(make_job, anna, settings):
    settings.MAX_UPLOAD_MB = 1
    with pytest.raises(UploadTooLarge):
        make_job(anna, seconds=40)


def test_on_a_full_disk_nothing_new_is_accepted(make_job, anna, settings):
    recording = make_job(anna).recording
    settings.MIN_FREE_MB = 10**9
    with pytest.raises(DiskFull):
        make_job(anna)
    with pytest.raises(DiskFull):
        submit.submit_recording(recording, actor=anna)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("broken", ["create_job", "sync_audio"])
def test_what_cannot_be_submitted_leaves_no_file_behind(make_job, anna, monkeypatch, broken):
    monkeypatch.setattr(submit, broken, lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_job(anna)
    assert (Recording.objects.count(), list_kept_files()) == (0, [])
    assert list((conf.get_data_dir() / "media" / "recordings").iterdir()) == []


@pytest.mark.parametrize(("is_late", "rows"), [(True, 1), (False, 0)])
def test_a_connection_that_breaks_while_it_commits_costs_no_audio(
    transactional_db, data_dir, break_commit, is_late, rows
):
    anna = User.objects.create_user("anna")
    break_commit(OperationalError("server closed the connection"), is_late=is_late)
    with pytest.raises(OperationalError):
        submit.submit_upload(anna, build_upload(CONTENT))
    assert (Recording.objects.count(), [path.name for path in list_kept_files()]) == (rows, ["audio.wav"])


def test_a_commit_that_the_database_refuses_leaves_no_file_behind(transactional_db, data_dir, break_commit):
    anna = User.objects.create_user("anna")
    break_commit(IntegrityError("the owner is gone"), is_late=False)
    with pytest.raises(IntegrityError):
        submit.submit_upload(anna, build_upload(CONTENT))
    assert (Recording.objects.count(), list_kept_files()) == (0, [])


def test_the_first_step_is_due_when_its_bytes_would_have_been_heard(make_job, anna):
    job = make_job(anna, seconds=5)
    assert (Step.objects.get().due_at - job.created_at).total_seconds() == pytest.approx((5 * 32_000 + 44) / 16_000)


def test_the_first_step_is_due_by_the_length_where_it_is_known(make_job, anna):
    recording = make_job(anna).recording
    recording.seconds = 3600.0
    job = submit.submit_recording(recording, actor=anna)
    assert (Step.objects.get(job=job).due_at - job.created_at).total_seconds() == 3600


def test_a_job_knows_the_model_from_its_submission_on(make_job, anna):
    assert make_job(anna).model_checksum == "fake"


def test_the_model_of_a_job_is_the_one_that_its_worker_has(make_job, anna):
    make_job(anna)
    Job.objects.update(model_checksum="of another model")
    worker.run_step(leases.claim_step())
    assert Job.objects.get().model_checksum == "fake"


def test_the_owner_may_be_gone_meanwhile(data_dir, anna):
    User.objects.filter(pk=anna.pk).delete()
    with pytest.raises(User.DoesNotExist):
        submit.submit_upload(anna, build_upload(CONTENT))
    assert list_kept_files() == []


def test_a_recording_can_have_a_second_job(make_job, anna):
    recording = make_job(anna).recording
    job = submit.submit_recording(recording, actor=anna, language="de")
    assert (job.recording, job.options, recording.jobs.count()) == (recording, {"language": "de"}, 2)


def test_a_job_belongs_to_the_owner_of_its_recording(make_job, anna, ben):
    job = submit.submit_recording(make_job(anna).recording, actor=ben)
    assert (job.owner, Step.objects.filter(job=job).get().owner, job.events.get().actor) == (anna, anna, ben)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.WAV", "audio.wav"),
        ("a.tar.gz", "audio.gz"),
        ("a", "audio"),
        ("a.exe;rm", "audio"),
        ("a.waytoolong", "audio"),
    ],
)
def test_only_a_plain_suffix_is_kept_of_a_name(data_dir, anna, name, stored):
    recording = submit.submit_upload(anna, build_upload(CONTENT, name)).recording
    assert storage.get_audio_path(recording).name == stored
