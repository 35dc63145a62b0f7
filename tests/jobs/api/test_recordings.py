"""Recordings are shown and changed over HTTP."""

import pytest

from jobs.models import Job, Recording


def test_a_recording_shows_what_is_known_of_it(api, recording):
    body = api.get(f"/api/recordings/{recording.id}/").json()
    assert body.pop("created_at").endswith("Z")
    assert body == {
        "id": str(recording.id),
        "title": "Interview",
        "original_name": "talk.wav",
        "media_type": "audio/wav",
        "bytes": 1024,
        "sha256": "ab" * 32,
        "duration": 12.5,
        "source": "uploaded",
        "state": "ready",
        "language": "",
        "marks": [],
        "losses": [],
        "parts": [],
        "job": None,
    }


def test_recordings_are_listed_newest_first(api, make_recording):
    old, new = make_recording(), make_recording()
    assert [row["id"] for row in api.get("/api/recordings/").json()["results"]] == [str(new.id), str(old.id)]


@pytest.mark.parametrize("rows", [1, 3])
def test_listing_takes_the_same_queries_for_any_number_of_recordings(
    api, make_recording, django_assert_num_queries, rows
):
    for _ in range(rows):
        make_recording()
    with django_assert_num_queries(3):  # session, user, recordings
        api.get("/api/recordings/")


def test_a_recording_can_be_renamed(api, recording):
    response = api.patch(f"/api/recordings/{recording.id}/", {"title": "  Talk\u202e two "}, format="json")
    assert (response.status_code, response.json()["title"]) == (200, "Talk two")
    assert Recording.objects.get().title == "Talk two"


@pytest.mark.parametrize("title", ["", "\u202e", "x" * 201])
def test_a_title_that_is_none_is_refused(api, recording, title):
    response = api.patch(f"/api/recordings/{recording.id}/", {"title": title}, format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["title"])


def test_nothing_but_the_title_can_be_changed(api, recording):
    response = api.patch(f"/api/recordings/{recording.id}/", {"sha256": "0", "bytes": 1}, format="json")
    assert (response.status_code, response.json()["bytes"], response.json()["sha256"]) == (200, 1024, "ab" * 32)


def test_a_recording_cannot_be_replaced(api, recording):
    response = api.put(f"/api/recordings/{recording.id}/", {"title": "Other"}, format="json")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_deleting_takes_jobs_and_audio_along(api, job, django_capture_on_commit_callbacks):
    storage, name = job.recording.audio.storage, job.recording.audio.name
    with django_capture_on_commit_callbacks(execute=True):
        response = api.delete(f"/api/recordings/{job.recording_id}/")
    assert (response.status_code, Job.objects.count(), storage.exists(name)) == (204, 0, False)
