"""A job's text and audio in the admin.

Opening another's leaves an event.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs.models import JobEvent

AUDIO = bytes(range(256)) * 4


def address(what, job):
    return reverse(f"admin:jobs_job_{what}", args=[job.pk])


def list_readings():
    return list(JobEvent.objects.filter(kind="read").values_list("reason", "actor__username"))


def test_opening_anothers_text_shows_it_and_leaves_an_event(site, done_job):
    page = site.get(address("text", done_job)).content.decode()
    assert ("<p>Ever tried.</p>" in page, list_readings()) == (True, [("text opened by zoe", "zoe")])


def test_opening_anothers_audio_sends_it_and_leaves_an_event(site, job):
    response = site.get(address("audio", job))
    assert (response.getvalue(), list_readings()) == (AUDIO, [("audio opened by zoe", "zoe")])


def test_the_pieces_that_a_player_fetches_are_one_reading(site, job):
    ranges = [site.get(address("audio", job), headers={"Range": f"bytes={first}-"}) for first in (0, 100, 200)]
    assert ([piece.status_code for piece in ranges], len(list_readings())) == ([206, 206, 206], 1)
    for piece in ranges:
        piece.close()


def test_text_and_audio_are_readings_of_their_own(site, done_job):
    site.get(address("text", done_job))
    site.get(address("audio", done_job)).close()
    assert [reason for reason, _ in list_readings()] == ["text opened by zoe", "audio opened by zoe"]


def test_coming_back_later_is_another_reading(site, done_job):
    site.get(address("text", done_job))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        site.get(address("text", done_job))
    assert len(list_readings()) == 2


def test_opening_ones_own_leaves_no_event(site, admin, make_done_job, make_recording):
    job = make_done_job(owner=admin, recording=make_recording(owner=admin))
    assert (site.get(address("text", job)).status_code, list_readings()) == (200, [])


def test_a_job_without_text_says_so(site, job):
    assert "There is no text yet." in site.get(address("text", job)).content.decode()


def test_text_is_shown_as_text(site, done_job):
    done_job.segments.update(text="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in site.get(address("text", done_job)).content.decode()


@pytest.mark.parametrize("what", ["text", "audio"])
def test_staff_without_permission_open_nothing(client, done_job, what):
    client.force_login(User.objects.create_user("vic", is_staff=True))
    assert (client.get(address(what, done_job)).status_code, list_readings()) == (403, [])


@pytest.mark.parametrize("what", ["text", "audio"])
def test_others_are_sent_to_the_sign_in_page(client, stranger, done_job, what):
    client.force_login(stranger)
    assert (client.get(address(what, done_job)).status_code, list_readings()) == (302, [])


def test_a_job_that_does_not_exist_is_not_found(site):
    assert site.get(reverse("admin:jobs_job_text", args=[uuid4()])).status_code == 404


def test_lost_audio_is_not_found(site, job):
    job.recording.audio.delete(save=False)
    assert site.get(address("audio", job)).status_code == 404


def test_a_range_outside_the_audio_is_416(site, job):
    assert site.get(address("audio", job), headers={"Range": "bytes=5000-"}).status_code == 416
