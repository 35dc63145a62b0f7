"""People see and touch only what is theirs.

Anything else is 404, and 401 without signing in.
"""

import re

import pytest

from jobs.models import Job, Recording
from jobs.states import JobState
from notifications import outbox

ENDPOINTS = [
    ("get", "/api/jobs/{job}/"),
    ("post", "/api/jobs/{job}/cancel/"),
    ("post", "/api/jobs/{job}/retry/"),
    ("post", "/api/jobs/{job}/dismiss/"),
    ("post", "/api/jobs/{job}/take-back/"),
    ("get", "/api/jobs/{job}/events/"),
    ("get", "/api/jobs/{job}/transcript/"),
    ("get", "/api/recordings/{recording}/"),
    ("patch", "/api/recordings/{recording}/"),
    ("delete", "/api/recordings/{recording}/"),
    ("post", "/api/recordings/{recording}/finish/"),
    ("get", "/api/recordings/{recording}/audio/"),
    ("head", "/api/recordings/{recording}/audio/"),
    ("get", "/api/notifications/webhooks/{webhook}/"),
    ("patch", "/api/notifications/webhooks/{webhook}/"),
    ("delete", "/api/notifications/webhooks/{webhook}/"),
    ("post", "/api/notifications/webhooks/{webhook}/test/"),
    ("post", "/api/notifications/webhooks/{webhook}/resume/"),
    ("post", "/api/notifications/webhooks/{webhook}/secret/"),
    ("get", "/api/notifications/deliveries/{delivery}/"),
    ("post", "/api/notifications/deliveries/{delivery}/resend/"),
    ("delete", "/api/notifications/browsers/{browser}/"),
]
LISTS = ["/api/jobs/", "/api/jobs/failed/", "/api/recordings/"]
LISTS += [f"/api/notifications/{name}/" for name in ("webhooks", "deliveries", "browsers")]
NAMES = ("job", "recording", "webhook", "delivery", "browser")
each_endpoint = pytest.mark.parametrize(("method", "path"), ENDPOINTS)


def send(client, method, path, job):
    body = {"parts": 1} if path.endswith("/finish/") else {}
    webhook, browser = job.owner.webhooks.first(), job.owner.push_subscriptions.first()
    keys = (job.id, job.recording_id, webhook.id, webhook.deliveries.first().id, browser.id)
    return getattr(client, method)(path.format(**dict(zip(NAMES, keys, strict=True))), body)


@pytest.fixture
def done_job(done_job):
    """A job whose owner has one of everything."""
    webhook = done_job.owner.webhooks.create(url="https://example.org/hook")
    done_job.owner.push_subscriptions.create(endpoint="https://push.example.org/1", p256dh="a", auth="b")
    outbox.write_test(webhook)
    return done_job


def test_the_matrix_below_has_every_endpoint_that_names_a_row(api):
    paths = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()["paths"]
    found = {(method, path) for path in paths for method in paths[path] if "{id}" in path}
    listed = {(method, re.sub(r"{\w+}", "{id}", path)) for method, path in ENDPOINTS}
    assert found == listed - {("head", "/api/recordings/{id}/audio/")}


@each_endpoint
def test_somebody_elses_row_is_not_found(foreign_api, done_job, method, path):
    assert send(foreign_api, method, path, done_job).status_code == 404


@each_endpoint
def test_staff_have_no_way_round_through_the_api(foreign_api, stranger, done_job, method, path):
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    assert send(foreign_api, method, path, done_job).status_code == 404


def test_what_is_not_found_is_unchanged(foreign_api, done_job):
    for method, path in ENDPOINTS:
        send(foreign_api, method, path, done_job)
    assert (Job.objects.get().state, Recording.objects.count()) == (JobState.COMPLETED, 1)


@each_endpoint
def test_without_signing_in_nothing_is_told(client, done_job, method, path):
    response = send(client, method, path, done_job)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", ["/api/jobs/", "/api/recordings/", "/api/"])
def test_lists_are_closed_without_signing_in(client, db, path):
    assert client.get(path).json()["code"] == "not_authenticated"


@pytest.mark.parametrize("path", LISTS)
def test_lists_leave_out_what_others_have(foreign_api, done_job, path):
    assert foreign_api.get(path).json()["results"] == []


@each_endpoint
def test_the_owner_gets_through(api, done_job, method, path):
    assert send(api, method, path, done_job).status_code in {200, 202, 204, 409}


@pytest.mark.parametrize("key", ["6a9f48df-9327-43f9-bbcb-209479d21c7c", "1", "%00"])
def test_an_id_that_does_not_exist_is_not_found(api, key):
    response = api.get(f"/api/jobs/{key}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
