"""POST /api/jobs/ with an Idempotency-Key: sent again it finds its job."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.domain.base import storage
from jobs.models import Job, Recording
from jobs.models.idempotency_key import IdempotencyKey
from tests import rows

# pains R12


@pytest.fixture
def post(api):
    """Submit a file under a key, with a new body each time."""

    def send(key="a-key", *, client=api, name="talk.wav", content=rows.AUDIO, **fields):
        upload = SimpleUploadedFile(name, content, content_type="audio/wav")
        return client.post("/api/jobs/", {"audio": upload, **fields}, headers={"Idempotency-Key": key})

    return send


def test_the_first_answer_is_as_without_a_key(post):
    response = post()
    assert (response.status_code, "Idempotency-Replayed" in response) == (202, False)


def test_the_same_again_answers_with_the_job_as_it_now_is(post):
    first = post(language="en").json()
    Job.objects.update(state="processing", stage="preparing")
    response = post(language="en")
    assert (response.status_code, response["Idempotency-Replayed"]) == (202, "true")
    assert response.json() == {**first, "state": "processing", "stage": "preparing"}
    assert response["Location"] == f"http://testserver/api/jobs/{first['id']}/"


def test_the_same_again_makes_nothing(post):
    post()
    before = set(storage.conf.get_data_dir().rglob("*"))
    post()
    assert (Job.objects.count(), Recording.objects.count()) == (1, 1)
    assert set(storage.conf.get_data_dir().rglob("*")) == before


def test_a_field_that_is_empty_is_as_one_that_is_missing(post):
    post()
    assert post(title="", source="uploaded", force="false")["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "change",
    [{"content": b"other"}, {"title": "Talk"}, {"language": "en"}, {"source": "recorded"}, {"force": "true"}],
)
def test_another_body_is_a_conflict(post, change):
    post()
    response = post(**change)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_reused")
    assert Job.objects.count() == 1


def test_the_job_of_a_request_may_be_deleted(post, api):
    api.delete(f"/api/recordings/{post().json()['recording']['id']}/")
    response = post()
    assert (response.status_code, response.json()["code"]) == (410, "job_deleted")


def test_keys_of_others_are_free(post, foreign_api):
    ids = {post().json()["id"], post(client=foreign_api).json()["id"]}
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9"])
def test_what_is_no_key_is_refused(post, key):
    response = post(key)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_invalid")


def test_what_is_not_valid_leaves_the_key_free(post):
    assert post(language="English").status_code == 400
    assert (IdempotencyKey.objects.count(), post().status_code) == (0, 202)


def test_a_short_disk_does_not_hide_the_job(post, monkeypatch):
    post()
    monkeypatch.setattr("jobs.domain.intake.submit.check_free_space", lambda: 1 / 0)
    assert post()["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("again", ["json", "multipart"])
def test_a_recording_is_transcribed_again_once_for_a_key(api, recording, again):
    sent = [
        api.post("/api/jobs/", {"recording": str(recording.id)}, format=form, headers={"Idempotency-Key": "a-key"})
        for form in ("json", again)
    ]
    assert [response.status_code for response in sent] == [202, 202]
    assert (sent[0].json()["id"], Job.objects.count()) == (sent[1].json()["id"], 1)


def test_the_second_job_of_a_recording_may_be_deleted_with_it(api, recording):
    body, headers = {"recording": str(recording.id)}, {"Idempotency-Key": "a-key"}
    api.post("/api/jobs/", body, format="json", headers=headers)
    api.delete(f"/api/recordings/{recording.id}/")
    response = api.post("/api/jobs/", body, format="json", headers=headers)
    assert (response.status_code, response.json()["code"]) == (410, "job_deleted")


def test_a_replay_takes_few_queries(post, django_assert_max_num_queries):
    post()
    with django_assert_max_num_queries(5):  # session, user, key, the job to find and the job to show
        post()
