"""What people and programs see of data that was upgraded."""

import pytest
from django.test import Client

from accounts.models import User
from jobs.models import Job
from notifications.models import Webhook

PAGES = ("/", "/recordings/", "/failed/", "/settings/", "/settings/tokens/", "/settings/people/")
ADMIN = ("jobs/job", "jobs/recording", "accounts/user", "notifications/delivery")
LISTS = ("jobs", "recordings", "notifications/webhooks", "notifications/deliveries")


@pytest.fixture
def client(upgraded, settings):
    settings.ENGINE = "fake"
    client = Client(headers={"Accept": "text/html"})
    client.force_login(User.objects.get(username="anna"))
    return client


@pytest.fixture
def done(upgraded):
    return Job.objects.get(recording__title="Interview")


def read(client, address):
    """Return the text of a page, which must be there."""
    response = client.get(address)
    assert (address, response.status_code) == (address, 200)
    return response.content.decode()


def test_people_sign_in_with_their_passwords(upgraded, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert Client().login(username="anna", password="a long password")


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_there(client, page):
    assert "Transcribe" in read(client, page)


@pytest.mark.parametrize("table", ADMIN)
def test_the_admin_lists_its_tables(client, table):
    assert 'id="result_list"' in read(client, f"/admin/{table}/")


def test_each_job_has_its_page_and_its_log(client):
    titles = {job.recording.title: job.pk for job in Job.objects.filter(owner__username="anna")}
    assert len(titles) == 9
    for title, key in titles.items():
        assert title in read(client, f"/jobs/{key}/")
        assert title in read(client, f"/jobs/{key}/log/")


@pytest.mark.parametrize(
    "line",
    ["Piece 2 was handed back", "Piece 2 went wrong and is tried again", "No longer waits for another job"],
)
def test_the_log_has_words_for_events_under_their_new_names(client, done, line):
    assert line in read(client, f"/jobs/{done.pk}/log/")


def test_the_page_of_a_webhook_shows_its_calls(client):
    webhook = Webhook.objects.get(host="hooks.example.org:443")
    assert "It answered 503." in read(client, f"/settings/notifications/webhooks/{webhook.pk}/")


@pytest.mark.parametrize("name", LISTS)
def test_the_api_lists_what_is_there(client, name):
    assert client.get(f"/api/{name}/", headers={"Accept": "application/json"}).json()["results"]


def test_the_api_knows_where_a_text_is_doubtful(client, done):
    job = client.get(f"/api/jobs/{done.pk}/", headers={"Accept": "application/json"}).json()
    assert (job["review_spot_count"], job["needs_review"]) == (3, True)
    text = client.get(f"/api/jobs/{done.pk}/transcript/?format=json").json()
    flags = [spot["flags"] for spot in text["review_spots"]]
    assert flags == [["speech_without_text"], ["gap"], ["repetition", "low_confidence"]]
