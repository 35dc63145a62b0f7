"""The same bytes again are answered with the text that is here."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.domain.base import engines
from tests import rows
from tests.jobs.api.test_submit import AUDIO_SHA256

# pains R12


@pytest.fixture
def earlier(make_done_job, make_recording):
    """A completed job of the bytes that `post` sends."""
    recording = make_recording(sha256=AUDIO_SHA256)
    return make_done_job(recording=recording, model_checksum=engines.describe_model().checksum)


@pytest.fixture
def post(api):
    def send(client=api, **fields):
        upload = SimpleUploadedFile("again.wav", rows.AUDIO, content_type="audio/wav")
        return client.post("/api/jobs/", {"audio": upload, **fields}).json()

    return send


def test_the_same_bytes_are_answered_with_a_completed_job(post, earlier):
    job = post()
    assert (job["state"], job["progress"], job["reused_from"]) == ("completed", 100.0, str(earlier.id))
    assert (job["text_preview"], job["language"]) == ("Ever tried.", "en")
    assert (job["recording"]["title"], job["recording"]["duration"]) == ("again", 12.5)


def test_its_transcript_is_that_of_the_first(api, post, earlier):
    texts = [api.get(f"/api/jobs/{key}/transcript/").json() for key in (earlier.id, post()["id"])]
    assert (texts[0] == texts[1], texts[0]["text"]) == (True, "Ever tried.")


@pytest.mark.parametrize("force", ["true", "1"])
def test_with_force_they_are_transcribed_again(post, earlier, force):
    job = post(force=force)
    assert (job["state"], job["reused_from"]) == ("pending", None)


def test_a_recording_that_is_named_is_transcribed_again(api, earlier):
    job = api.post("/api/jobs/", {"recording": str(earlier.recording_id)}, format="json").json()
    assert (job["state"], job["reused_from"]) == ("pending", None)


def test_the_text_of_others_is_never_taken_over(post, foreign_api, earlier):
    job = post(foreign_api)
    assert (job["state"], job["reused_from"]) == ("pending", None)


def test_the_mark_stays_when_the_first_is_deleted(api, post, earlier):
    job = post()
    api.delete(f"/api/recordings/{earlier.recording_id}/")
    assert api.get(f"/api/jobs/{job['id']}/").json() == job


def test_a_job_that_waits_names_the_one_it_waits_for(post):
    first, second = post(), post()
    assert (first["reused_from"], second["reused_from"], second["state"]) == (None, first["id"], "pending")


@pytest.mark.parametrize("number", [1, 3])
def test_listing_takes_the_same_queries_for_any_number_of_reuses(api, post, earlier, django_assert_num_queries, number):
    for _ in range(number):
        post()
    with django_assert_num_queries(3):  # session, user, jobs
        listed = api.get("/api/jobs/").json()["results"]
    assert sorted(job["reused_from"] or "" for job in listed) == ["", *[str(earlier.id)] * number]
