import pytest
from django.urls import reverse

from jobs.models import Job, Recording

JOB_PAGES = ("job", "fragment_job")
JOB_ACTIONS = ("job_cancel", "job_retry")
RECORDING_ACTIONS = ("recording_rename", "recording_delete", "recording_transcribe")


@pytest.mark.parametrize("name", JOB_PAGES)
def test_a_strangers_job_is_not_there(foreign_client, done_job, name):
    assert foreign_client.get(reverse(name, args=[done_job.pk])).status_code == 404


def test_a_strangers_transcript_is_not_there(foreign_client, done_job):
    assert foreign_client.get(reverse("job_transcript", args=[done_job.pk, "txt"])).status_code == 404


@pytest.mark.parametrize("name", JOB_ACTIONS)
def test_a_strangers_job_is_not_touched(foreign_client, job, name):
    assert foreign_client.post(reverse(name, args=[job.pk])).status_code == 404
    assert Job.objects.get().state == "pending"


@pytest.mark.parametrize("name", RECORDING_ACTIONS)
def test_a_strangers_recording_is_not_touched(foreign_client, recording, name):
    assert foreign_client.post(reverse(name, args=[recording.pk]), {"title": "Mine"}).status_code == 404
    assert (Recording.objects.get().title, Job.objects.count()) == ("Interview", 0)


@pytest.mark.parametrize("name", ["home", "recordings", "fragment_jobs"])
def test_lists_show_only_what_is_ones_own(foreign_client, done_job, name):
    assert "Interview" not in foreign_client.get(reverse(name)).content.decode()


@pytest.mark.parametrize("name", [*JOB_ACTIONS, *RECORDING_ACTIONS])
def test_a_visitor_is_sent_to_sign_in(client, job, name):
    client.logout()
    address = reverse(name, args=[job.pk if name in JOB_ACTIONS else job.recording_id])
    assert client.post(address).headers["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("name", [*JOB_ACTIONS, "recording_rename", "recording_transcribe"])
def test_nothing_changes_by_following_a_link(client, job, name):
    address = reverse(name, args=[job.pk if name in JOB_ACTIONS else job.recording_id])
    assert client.get(address).status_code == 405


def test_what_is_not_there_is_told_on_a_page(client):
    response = client.get("/nothing-here", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "There is nothing here, or it is not yours." in response.content.decode()
