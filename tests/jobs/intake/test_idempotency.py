import pytest
from django.db import DatabaseError

from foundation.database.clock import now_in_database
from jobs import conf
from jobs.domain.base import storage
from jobs.domain.intake import idempotency, submit
from jobs.domain.intake.idempotency import AlreadySubmitted, KeyedRequest
from jobs.domain.lifecycle import control
from jobs.errors import (
    DiskFull,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    JobDeleted,
    UnsupportedLanguage,
)
from jobs.models import Job, Recording
from jobs.models.idempotency_key import IdempotencyKey

# pains R12


@pytest.fixture
def send(make_job):
    """Submit sound under a key."""

    def make(owner, key="a-key", fingerprint="ab", **options):
        return make_job(owner, request=KeyedRequest(owner, key, fingerprint), **options)

    return make


def list_kept_files():
    return sorted(path for path in (conf.get_data_dir() / "media").rglob("*"))


def age_keys(seconds):
    IdempotencyKey.objects.update(created_at=now_in_database(-seconds))


@pytest.mark.parametrize("key", ["x", "x" * 255, "8e03978e-40d5-43dd-bc93-6894a57f9324", '"quoted, with spaces" ~!'])
def test_printable_ascii_is_a_key(key):
    assert idempotency.check_key(key) is None


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\t", "nul\0", "del\x7f", "é", "\u2028"])
def test_anything_else_is_no_key(key):
    with pytest.raises(IdempotencyKeyInvalid):
        idempotency.check_key(key)


def test_a_hash_does_not_depend_on_the_order_of_the_fields():
    hashes = {idempotency.hash_request(fields) for fields in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})}
    assert [len(found) for found in hashes] == [64]


def test_other_fields_have_another_hash():
    fields = [{"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": ""}]
    assert len({idempotency.hash_request(each) for each in fields}) == 4


def test_a_request_that_is_sent_again_finds_its_job(send, anna):
    job = send(anna)
    with pytest.raises(AlreadySubmitted) as caught:
        send(anna)
    assert (caught.value.job_id, Job.objects.get()) == (job.pk, job)


def test_a_request_that_is_sent_again_leaves_no_file(send, anna):
    send(anna)
    before = list_kept_files()
    with pytest.raises(AlreadySubmitted):
        send(anna)
    assert list_kept_files() == before


def test_a_twin_that_came_first_meanwhile_leaves_no_second_file(send, anna, monkeypatch):
    sync = storage.sync_audio

    def be_overtaken(recording):
        monkeypatch.setattr(submit, "sync_audio", sync)
        sync(recording)
        send(anna)

    monkeypatch.setattr(submit, "sync_audio", be_overtaken)
    with pytest.raises(AlreadySubmitted):
        send(anna)
    assert list_kept_files() == [
        conf.get_data_dir() / "media" / "recordings",
        storage.get_audio_path(Recording.objects.get()).parent,
        storage.get_audio_path(Recording.objects.get()),
    ]


def test_another_request_under_the_same_key_is_refused(send, anna):
    send(anna, fingerprint="ab")
    with pytest.raises(IdempotencyKeyReused):
        send(anna, fingerprint="cd")
    assert Job.objects.count() == 1


def test_another_key_makes_another_job(send, anna):
    assert send(anna, key="a-key") != send(anna, key="b-key")


def test_the_keys_of_others_are_not_seen(send, anna, ben):
    assert send(anna).owner != send(ben).owner


def test_a_job_that_was_deleted_is_not_made_again(send, anna):
    send(anna)
    control.delete_recording(Recording.objects.get())
    with pytest.raises(JobDeleted):
        send(anna)
    assert Job.objects.count() == 0


def test_what_another_request_was_is_told_also_of_a_deleted_job(send, anna):
    send(anna)
    control.delete_recording(Recording.objects.get())
    with pytest.raises(IdempotencyKeyReused):
        send(anna, fingerprint="cd")


def test_a_full_disk_does_not_hide_the_job_of_a_request(send, anna, settings):
    send(anna)
    settings.MIN_FREE_MB = 10**9
    with pytest.raises(AlreadySubmitted):
        send(anna)


def test_a_model_that_has_changed_does_not_hide_the_job_of_a_request(send, anna):
    send(anna, language="de")
    with pytest.raises(AlreadySubmitted):
        send(anna, language="xx")


@pytest.mark.parametrize(
    ("options", "refusal"), [({"language": "xx"}, UnsupportedLanguage), ({"seconds": 40}, Exception)]
)
def test_a_request_that_was_refused_leaves_its_key_free(send, anna, settings, options, refusal):
    settings.MAX_UPLOAD_MB = 1
    with pytest.raises(refusal):
        send(anna, **options)
    assert (IdempotencyKey.objects.count(), send(anna, fingerprint="cd").state) == (0, "pending")


def test_a_request_that_failed_leaves_its_key_free(send, anna, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(submit.idempotency, "keep_request", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(anna)
    assert (Job.objects.count(), send(anna).state) == (0, "pending")


def test_a_recording_is_transcribed_again_once_for_each_key(make_job, anna):
    recording, request = make_job(anna).recording, KeyedRequest(anna, "a-key", "ab")
    job = submit.submit_recording(recording, actor=anna, request=request)
    with pytest.raises(AlreadySubmitted) as caught:
        submit.submit_recording(recording, actor=anna, request=request)
    assert (caught.value.job_id, Job.objects.count()) == (job.pk, 2)


def test_a_full_disk_does_not_hide_the_second_job_of_a_recording(make_job, anna, settings):
    recording, request = make_job(anna).recording, KeyedRequest(anna, "a-key", "ab")
    submit.submit_recording(recording, actor=anna, request=request)
    settings.MIN_FREE_MB = 10**9
    with pytest.raises(AlreadySubmitted):
        submit.submit_recording(recording, actor=anna, request=request)
    with pytest.raises(DiskFull):
        submit.submit_recording(recording, actor=anna)


def test_a_key_counts_for_a_day(send, anna):
    send(anna)
    age_keys(24 * 3600 - 60)
    with pytest.raises(AlreadySubmitted):
        send(anna)


def test_after_a_day_a_key_can_be_used_anew(send, anna):
    first = send(anna)
    age_keys(24 * 3600 + 1)
    second = send(anna, fingerprint="cd")
    assert (first != second, IdempotencyKey.objects.get().job) == (True, second)


def test_expired_keys_are_removed_and_no_others(send, anna):
    send(anna, key="old")
    age_keys(24 * 3600 + 1)
    send(anna, key="new")
    assert idempotency.remove_expired_keys() == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_the_same_key_cannot_be_kept_twice(anna):
    kept = {"owner": anna, "key": "a-key", "created_at": now_in_database()}
    IdempotencyKey.objects.create(**kept)
    with pytest.raises(DatabaseError):
        IdempotencyKey.objects.create(**kept)
