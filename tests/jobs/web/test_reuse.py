"""Cards and pages of jobs with the same audio.

The plain form leads to them too.
"""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from jobs.domain.lifecycle import control
from jobs.models import Job
from tests.jobs.web.counting import count_queries

# pains R12


@pytest.fixture
def add(client, make_upload):
    """Send a file with the plain form and return its job."""

    def send(name="again.wav", to=client):
        to.post("/", {"audio": make_upload(name)})
        return Job.objects.get(recording__original_name=name)

    return send


@pytest.fixture
def earlier(add, make_done_job):
    """A job of the bytes that `add` sends, completed by hand."""
    recording = add("Interview.wav").recording
    recording.jobs.all().delete()
    return make_done_job(recording=recording, model_checksum="fake")


def read(client, address):
    return " ".join(strip_tags(client.get(address).content.decode()).split())


def test_the_plain_form_answers_the_same_bytes_at_once(add, earlier):
    job = add()
    assert (job.state, job.reused_from, job.transcript.text) == ("completed", earlier, "Ever tried.")


def test_the_plain_form_takes_nothing_over_from_others(add, earlier, foreign_client):
    job = add(to=foreign_client)
    assert (job.state, job.reused_from) == ("pending", None)


def test_two_equal_files_in_one_form_do_the_work_once(client, make_upload):
    client.post("/", {"audio": [make_upload("one.wav"), make_upload("two.wav")]})
    jobs = Job.objects.order_by("created_at")
    assert [(job.state, job.steps.count()) for job in jobs] == [("pending", 1), ("pending", 0)]


@pytest.mark.parametrize("name", ["home", "job"])
def test_it_says_whose_text_was_taken_over_and_leads_there(client, add, earlier, name):
    job = add()
    address = reverse(name, args=[job.pk] if name == "job" else [])
    assert read(client, address).count("Same audio as Interview: its text was taken over.") == 1
    assert f'<a href="{reverse("job", args=[earlier.pk])}">Interview</a>:' in client.get(address).content.decode()


@pytest.mark.parametrize("name", ["home", "job"])
def test_it_says_so_also_when_the_first_is_gone(client, add, earlier, name):
    job = add()
    control.delete_recording(earlier.recording)
    address = reverse(name, args=[job.pk] if name == "job" else [])
    assert (
        read(client, address).count("Same audio as an earlier recording, since deleted: its text was taken over.") == 1
    )


def test_the_page_offers_to_transcribe_it_again(client, add, earlier):
    job = add()
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    address = reverse("recording_transcribe", args=[job.recording_id])
    assert page.count(f'formaction="{address}"') == 2  # beside the note, and among the actions
    client.post(address)
    assert job.recording.jobs.filter(state="pending", reused_from=None).count() == 1


@pytest.mark.parametrize("name", ["home", "job"])
def test_a_job_that_waits_says_for_what(client, add, name):
    first, second = add("Interview.wav"), add()
    address = reverse(name, args=[second.pk] if name == "job" else [])
    assert read(client, address).count("Waiting for the text of Interview, which is the same audio") == 1
    assert f'<a href="{reverse("job", args=[first.pk])}">Interview</a>,' in client.get(address).content.decode()


def test_a_job_that_ran_by_itself_says_nothing_of_it(client, done_job):
    assert "Same audio" not in read(client, "/")


def test_the_list_takes_as_many_queries_for_three_reuses_as_for_one(client, add, earlier):
    add()
    one = count_queries(client, "/")
    for number in range(2):
        add(f"{number}.wav")
    assert count_queries(client, "/") == one
