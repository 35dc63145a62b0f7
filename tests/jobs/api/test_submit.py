"""POST /api/jobs/: a file or a recording becomes a job at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.api_tokens import issue_token
from jobs.domain.base import storage
from jobs.models import Job, Recording

AUDIO_SHA256 = "785b0751fc2c53dc14a4ce3d800e69ef9ce1009eb327ccf458afe09c242c26c9"


def test_a_file_is_accepted_at_once_with_its_address(api, upload):
    response = api.post("/api/jobs/", {"audio": upload})
    job = Job.objects.get()
    assert (response.status_code, response.json()["id"]) == (202, str(job.id))
    assert response["Location"] == f"http://testserver/api/jobs/{job.id}/"


def test_the_stored_recording_has_the_bytes_and_their_hash(api, upload):
    api.post("/api/jobs/", {"audio": upload})
    recording = Recording.objects.get()
    with recording.audio.open() as stored:
        assert stored.read() == bytes(range(256)) * 4
    assert (recording.bytes, recording.sha256) == (1024, AUDIO_SHA256)


def test_title_language_and_source_are_kept(api, upload):
    api.post("/api/jobs/", {"audio": upload, "title": "My talk", "language": "en", "source": "recorded"})
    job = Job.objects.select_related("recording").get()
    assert (job.recording.title, job.recording.source, job.options) == ("My talk", "recorded", {"language": "en"})


def test_without_a_title_the_file_gives_its_name(api, upload):
    assert api.post("/api/jobs/", {"audio": upload}).json()["recording"]["title"] == "talk"


def test_a_recording_can_be_transcribed_once_more(api, recording):
    response = api.post("/api/jobs/", {"recording": str(recording.id)}, format="json")
    assert (response.status_code, response.json()["recording"]["id"]) == (202, str(recording.id))


def test_somebody_elses_recording_is_not_found(foreign_api, recording):
    response = foreign_api.post("/api/jobs/", {"recording": str(recording.id)}, format="json")
    assert (response.status_code, Job.objects.count()) == (404, 0)


@pytest.mark.parametrize("both", [False, True])
def test_neither_or_both_of_file_and_recording_is_refused(api, upload, both):
    data = {"audio": upload, "recording": str(uuid4())} if both else {}
    response = api.post("/api/jobs/", data)
    assert response.status_code == 400
    assert response.json()["errors"] == {"audio": ["Send either a file or the id of a recording."]}


def test_a_file_without_bytes_is_refused_under_its_own_code(api):
    response = api.post("/api/jobs/", {"audio": SimpleUploadedFile("talk.wav", b"")})
    assert (response.status_code, response.json()["code"]) == (400, "empty_file")


@pytest.mark.parametrize(("language", "code"), [("English", "invalid"), ("xx", "unsupported_language")])
def test_a_language_that_cannot_be_is_refused(api, upload, language, code):
    response = api.post("/api/jobs/", {"audio": upload, "language": language})
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_file_over_the_limit_is_413_and_nothing_is_kept(api, settings):
    settings.MAX_UPLOAD_MB = 1
    before = set(settings.TEMPORARY_DIR.iterdir())
    response = api.post("/api/jobs/", {"audio": SimpleUploadedFile("talk.wav", bytes(1024 * 1024 + 1))})
    assert (response.status_code, response.json()["code"]) == (413, "upload_too_large")
    assert (Recording.objects.count(), set(settings.TEMPORARY_DIR.iterdir())) == (0, before)


def test_a_short_disk_refuses_with_507_and_says_that_it_may_pass(api, upload, monkeypatch):
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 0)
    response = api.post("/api/jobs/", {"audio": upload})
    assert (response.status_code, response.json()["code"], response.json()["retryable"]) == (507, "disk_full", True)


def test_too_many_submissions_are_throttled(api, upload, one_a_minute):
    api.post("/api/jobs/", {"audio": upload})
    response = api.post("/api/jobs/", {})
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60


def test_retries_count_as_submissions(api, done_job, one_a_minute):
    statuses = [api.post(f"/api/jobs/{done_job.pk}/retry/").status_code for _ in range(2)]
    assert statuses == [409, 429]


def test_listing_and_cancelling_are_not_throttled(api, done_job, one_a_minute):
    assert [api.get("/api/jobs/").status_code for _ in range(3)] == [200, 200, 200]
    assert [api.post(f"/api/jobs/{done_job.pk}/cancel/").status_code for _ in range(3)] == [409, 409, 409]


def test_a_program_submits_with_its_token(owner, upload):
    token = issue_token(owner, "script")[1]
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    response = client.post("/api/jobs/", {"audio": upload})
    assert (response.status_code, Job.objects.get().owner) == (202, owner)


def test_a_session_needs_the_csrf_token(owner, upload):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post("/api/jobs/", {"audio": upload}).status_code == 403


def test_a_job_is_as_old_as_its_submission(api, upload):
    api.post("/api/jobs/", {"audio": upload})
    assert timezone.now() - Job.objects.get().created_at < timedelta(seconds=10)
