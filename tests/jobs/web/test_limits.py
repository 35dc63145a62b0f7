"""Pages start work under the same limit as the API."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job


@pytest.fixture
def start(client, recording, done_job, make_upload):
    """What starts work on a page, by its name."""
    return {
        "home": lambda: client.post("/", {"audio": make_upload()}),
        "recording_transcribe": lambda: client.post(reverse("recording_transcribe", args=[recording.pk])),
        "job_retry": lambda: client.post(reverse("job_retry", args=[done_job.pk])),
        "api": lambda: client.post("/api/jobs/", {"audio": make_upload()}),
    }


@pytest.mark.parametrize("name", ["home", "recording_transcribe", "job_retry"])
def test_a_page_says_in_plain_words_that_it_was_too_much(start, one_a_minute, name):
    with time_machine.travel(timezone.now(), tick=False):
        response = [start[name]() for _ in range(2)][1]
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "You started many transcriptions in a short time. Wait 60 seconds" in response.content.decode()


@pytest.mark.parametrize("name", ["home", "recording_transcribe", "job_retry"])
def test_api_and_pages_count_together(start, one_a_minute, name):
    statuses = [start[name]().status_code, start["api"]().status_code]
    assert statuses == [302, 429]


def test_each_file_of_a_form_counts_and_none_is_lost(client, make_upload, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "submit": "2/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    client.post("/", {"audio": [make_upload(f"{number}.wav") for number in range(3)]})
    assert (Job.objects.count(), client.post("/", {"audio": make_upload()}).status_code) == (3, 429)


def test_people_are_counted_apart(client, foreign_client: Client, make_upload, one_a_minute):
    statuses = [each.post("/", {"audio": make_upload()}).status_code for each in (client, foreign_client)]
    assert statuses == [302, 302]


def test_after_the_wait_there_is_room_again(client, make_upload, one_a_minute):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post("/", {"audio": make_upload()})
        clock.shift(60)
        assert client.post("/", {"audio": make_upload()}).status_code == 302
