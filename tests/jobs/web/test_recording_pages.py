from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from foundation.http import cursors
from foundation.http.cursors import PAGE_SIZE, decode_cursor, encode_cursor
from jobs.domain.lifecycle import control
from jobs.models import Recording


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(cursors, "PAGE_SIZE", 2)


def list_titles(response):
    return [recording.title for recording in response.context["recordings"]]


def test_recordings_come_newest_first_with_their_jobs(client, make_recording, make_done_job):
    make_recording(title="First")
    job = make_done_job(recording=make_recording(title="Second"))
    response = client.get(reverse("recordings"))
    assert list_titles(response) == ["Second", "First"]
    assert reverse("job", args=[job.pk]) in response.content.decode()


@pytest.mark.parametrize(
    ("state", "words"), [("cancelled", "Cancelled before there was text"), ("pending", "No text yet")]
)
def test_a_job_without_text_says_why(client, make_job, state, words):
    make_job(state=state)
    assert f'<span class="recording-preview">{words}</span>' in client.get(reverse("recordings")).content.decode()


def test_pages_follow_one_another_without_gap_or_repeat(client, make_recording, small_pages):
    moment = timezone.now()
    for name in "abc":
        recording = make_recording(title=name)
        Recording.objects.filter(pk=recording.pk).update(created_at=moment)  # only the id tells them apart
    first = client.get(reverse("recordings"))
    second = client.get(reverse("recordings"), {"before": first.context["older"]})
    assert sorted(list_titles(first) + list_titles(second)) == ["a", "b", "c"]
    assert (len(list_titles(first)), second.context["older"]) == (2, "")


def test_beyond_the_last_recording_there_is_a_way_back(client, recording):
    old = Recording(pk=recording.pk, created_at=timezone.now() - timedelta(days=999))
    response = client.get(reverse("recordings"), {"before": encode_cursor(old)})
    assert "These were all of your recordings." in response.content.decode()


NO_ID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "place",
    [
        "",
        "x",
        "2026-01-01_x",
        f"2026-01-01T00:00:00_{NO_ID}",
        f"0001-01-01T00:00:00+14:00_{NO_ID}",
        f"9999-12-31T23:59:59-10:00_{NO_ID}",
    ],
)
def test_a_place_that_makes_no_sense_is_the_beginning(place):
    assert decode_cursor(place) is None


def test_nothing_recorded_yet_shows_the_way(client):
    assert "Nothing recorded yet" in client.get(reverse("recordings")).content.decode()


def test_a_recording_is_renamed(client, recording):
    response = client.post(reverse("recording_rename", args=[recording.pk]), {"title": " Second   talk "})
    recording.refresh_from_db()
    assert (recording.title, response.headers["Location"]) == ("Second talk", reverse("recordings"))


def test_deleting_asks_first_and_says_what_will_be_gone(client, make_job, recording):
    make_job(recording=recording)
    make_job(recording=recording)
    page = client.get(reverse("recording_delete", args=[recording.pk])).content.decode()
    assert "Its audio and its 2 transcripts will be gone for good." in page
    assert Recording.objects.count() == 1


def test_a_recording_is_deleted(client, recording):
    response = client.post(reverse("recording_delete", args=[recording.pk]), follow=True)
    assert "“Interview” was deleted." in response.content.decode()
    assert Recording.objects.count() == 0


def test_a_recording_is_transcribed_again(client, done_job):
    response = client.post(reverse("recording_transcribe", args=[done_job.recording_id]))
    job = done_job.recording.jobs.exclude(pk=done_job.pk).get()
    assert response.headers["Location"] == reverse("job", args=[job.pk])


def test_a_recording_is_not_transcribed_in_a_language_nobody_knows(client, recording):
    address = reverse("recording_transcribe", args=[recording.pk])
    page = client.post(address, {"language": "xx"}, follow=True).content.decode()
    assert "does not know this language" in page


def test_before_its_parts_are_one_file_there_is_no_audio_to_play_or_fetch(client, make_job, make_recording):
    job = make_job(recording=make_recording(audio=""))
    audio = reverse("recording-audio", args=[job.recording_id])
    page, listed = (client.get(address).content.decode() for address in (f"/jobs/{job.pk}/", "/recordings/"))
    assert ("data-has-sound" in page, f'href="{audio}"' in page, f'href="{audio}"' in listed) == (False, False, False)


def test_the_part_of_the_list_follows_what_happens(client, foreign_client, make_done_job):
    job, address = make_done_job(), reverse("fragment_recordings")
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    # Forms lead back to the page, not to the part.
    assert 'name="next" value="/recordings/"' in first.content.decode()
    control.rename_recording(job.recording, "Another title")
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, "Another title" in again.content.decode()) == (200, True)
    assert "Another title" not in foreign_client.get(address).content.decode()
    client.logout()
    assert client.get(address).status_code == 401


def test_the_part_of_an_older_page_stays_that_page(client, make_recording):
    for number in range(PAGE_SIZE + 1):
        make_recording(title=f"Talk {number}")
    older = client.get(reverse("recordings")).context["older"]
    address = reverse("fragment_recordings")
    part = client.get(address, {"before": older})
    assert list_titles(part) == ["Talk 0"]
    assert f"{address}?before={quote(older)}" in client.get(reverse("recordings"), {"before": older}).content.decode()
