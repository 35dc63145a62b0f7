"""Jobs are shown and controlled over HTTP."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jobs.models import Job, Transcript
from jobs.states import JobState, Stage

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def ids(response):
    return [job["id"] for job in response.json()["results"]]


def test_a_new_job_shows_what_is_known_and_nulls_for_the_rest(api, make_job, recording):
    job = make_job(recording=recording, created_at=NOW)
    assert api.get(f"/api/jobs/{job.id}/").json() == {
        "id": str(job.id),
        "state": "pending",
        "stage": None,
        "progress": 0.0,
        "eta_seconds": None,
        "created_at": "2026-05-04T12:00:00Z",
        "started_at": None,
        "finished_at": None,
        "dismissed_at": None,
        "attempts": 0,
        "recording": {"id": str(recording.id), "title": "Interview", "duration": 12.5},
        "text_preview": "",
        "confidence": None,
        "language": None,
        "needs_review": False,
        "coverage": None,
        "flags": [],
        "review_spot_count": 0,
        "category": {"name": None, "score": None, "reason": None},
        "sentiment": {"label": None, "score": None},
        "error": None,
        "warning": "",
        "reused_from": None,
    }


def test_a_completed_job_shows_what_was_found_in_its_text(api, done_job):
    body = api.get(f"/api/jobs/{done_job.id}/").json()
    shown = {key: body[key] for key in ("text_preview", "confidence", "language", "category", "sentiment")}
    assert shown == {
        "text_preview": "Ever tried.",
        "confidence": 0.9,
        "language": "en",
        "category": {"name": "Literature", "score": 0.6, "reason": None},
        "sentiment": {"label": "neutral", "score": 0.1},
    }


def test_a_job_says_how_far_its_text_can_be_trusted(api, doubtful_job):  # pains T2
    body = api.get(f"/api/jobs/{doubtful_job.id}/").json()
    assert {key: body[key] for key in ("needs_review", "coverage", "flags", "review_spot_count")} == {
        "needs_review": True,
        "coverage": 0.7,
        "flags": ["language_uncertain", "low_coverage"],
        "review_spot_count": 3,
    }


def test_jobs_that_need_a_review_can_be_listed(api, done_job, doubtful_job):
    assert ids(api.get("/api/jobs/", {"needs_review": "true"})) == [str(doubtful_job.id)]


def test_a_job_without_category_says_why(api, done_job):
    findings = {"category": "", "category_score": None, "category_reason": "category_model_missing"}
    Transcript.objects.update(**findings)
    category = api.get(f"/api/jobs/{done_job.id}/").json()["category"]
    assert category == {"name": None, "score": None, "reason": "category_model_missing"}


def test_a_running_job_shows_stage_progress_and_the_time_left(api, make_job):  # pains Q8
    job = make_job(
        state=JobState.PROCESSING,
        stage=Stage.TRANSCRIBING,
        progress=66.666,
        started_at=NOW,
        transcribing_at=NOW,
    )
    with time_machine.travel(NOW + timedelta(seconds=100), tick=False):
        body = api.get(f"/api/jobs/{job.id}/").json()
    assert (body["stage"], body["progress"], body["eta_seconds"]) == ("transcribing", 66.7, 51)


@pytest.mark.parametrize(("code", "retryable"), [("unreadable_media", False), ("model_missing", True)])
def test_a_failed_job_says_what_went_wrong_and_whether_to_retry(api, make_job, code, retryable):  # pains Q12
    job = make_job(state=JobState.FAILED, error_code=code, error_message="It could not be read.")
    expected = {"code": code, "message": "It could not be read.", "retryable": retryable}
    assert api.get(f"/api/jobs/{job.id}/").json()["error"] == expected


def test_jobs_are_listed_newest_first(api, make_job):
    old, new = make_job(created_at=NOW), make_job(created_at=NOW + timedelta(seconds=1))
    assert ids(api.get("/api/jobs/")) == [str(new.id), str(old.id)]


@pytest.mark.parametrize(("ordering", "first"), [("created_at", 0), ("-created_at", 1), ("", 1)])
def test_the_order_can_be_chosen(api, make_job, ordering, first):
    jobs = [make_job(created_at=NOW), make_job(created_at=NOW + timedelta(seconds=1))]
    assert ids(api.get("/api/jobs/", {"ordering": ordering}))[0] == str(jobs[first].id)


def test_an_unknown_order_is_refused(api):
    response = api.get("/api/jobs/", {"ordering": "-owner__password"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("ordering", ["created_at", "-created_at"])
def test_cursor_pages_show_every_job_once_even_when_they_are_equally_old(api, make_job, ordering):
    made = {str(make_job(created_at=NOW).id) for _ in range(5)}
    seen, address = [], f"/api/jobs/?page_size=2&ordering={ordering}"
    while address:
        page = api.get(address)
        seen += ids(page)
        address = page.json()["next"]
    assert (len(seen), set(seen)) == (5, made)


@pytest.mark.parametrize(
    "cursor",
    [
        "p=x",
        "p=2026-99-99",
        "p=2026-99-99 00:00:00",
        "p=2026-01-01T00:00:00",
        "p=0001-01-01T00:00:00%2B14:00",
        "p=9999-12-31T23:59:59-10:00",
        "o=-1",
    ],
)
def test_a_cursor_that_was_not_made_here_is_not_found(api, cursor):
    response = api.get("/api/jobs/", {"cursor": b64encode(cursor.encode()).decode()})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["a", "²"])
def test_a_cursor_that_is_no_cursor_is_not_found(api, cursor):
    response = api.get("/api/jobs/", {"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "completed"}, True),
        ({"state": "failed"}, False),
        ({"state": ""}, True),
        ({"category": "Literature"}, True),
        ({"category": "Sport"}, False),
        ({"sentiment": "neutral"}, True),
        ({"sentiment": "negative"}, False),
        ({"language": "en"}, True),
        ({"language": "de"}, False),
        ({"needs_review": "true"}, False),
        ({"needs_review": "false"}, True),
    ],
)
def test_the_list_can_be_filtered(api, done_job, query, found):
    assert ids(api.get("/api/jobs/", query)) == [str(done_job.id)] * found


@pytest.mark.parametrize("query", [{"needs_review": "maybe"}, {"state": "odd"}, {"need_review": "true"}])
def test_a_filter_that_makes_no_sense_is_refused(api, done_job, query):
    refused = api.get("/api/jobs/", query)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, list(query))


@pytest.mark.parametrize("query", [{"format": "json"}, {"page_size": 5}, {"ordering": "created_at"}])
def test_what_every_list_takes_is_no_filter(api, done_job, query):
    assert ids(api.get("/api/jobs/", query)) == [str(done_job.id)]


def test_the_list_can_be_narrowed_to_one_recording(api, make_job, recording):
    job = make_job(recording=recording)
    make_job()
    assert ids(api.get("/api/jobs/", {"recording": str(recording.id)})) == [str(job.id)]


@pytest.mark.parametrize("name", ["state", "sentiment"])
def test_what_is_no_choice_is_refused_in_the_error_shape(api, name):
    response = api.get("/api/jobs/", {name: "lost"})
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])


@pytest.mark.parametrize("rows", [1, 3])
def test_listing_takes_the_same_queries_for_any_number_of_jobs(api, make_done_job, django_assert_num_queries, rows):
    for _ in range(rows):
        make_done_job()
    with django_assert_num_queries(3):  # session, user, jobs
        api.get("/api/jobs/")


def test_cancel_answers_202_with_the_cancelled_job(api, job):  # pains Q1
    response = api.post(f"/api/jobs/{job.id}/cancel/")
    assert (response.status_code, response.json()["state"]) == (202, "cancelled")
    assert Job.objects.get().state == JobState.CANCELLED


def test_cancelling_twice_is_fine(api, job):
    api.post(f"/api/jobs/{job.id}/cancel/")
    assert api.post(f"/api/jobs/{job.id}/cancel/").status_code == 202


@pytest.mark.parametrize("state", [JobState.COMPLETED, JobState.FAILED])
def test_cancelling_a_finished_job_is_a_conflict(api, make_job, state):
    job = make_job(state=state)
    response = api.post(f"/api/jobs/{job.id}/cancel/")
    assert (response.status_code, response.json()["code"]) == (409, "job_finished")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_retry_answers_202_with_the_waiting_job(api, make_job, state):
    job = make_job(state=state)
    response = api.post(f"/api/jobs/{job.id}/retry/")
    assert (response.status_code, response.json()["state"]) == (202, "pending")


@pytest.mark.parametrize("state", [JobState.PENDING, JobState.PROCESSING, JobState.COMPLETED])
def test_retrying_what_has_not_failed_is_a_conflict(api, make_job, state):
    job = make_job(state=state)
    response = api.post(f"/api/jobs/{job.id}/retry/")
    assert (response.status_code, response.json()["code"]) == (409, "job_not_retryable")


def test_events_tell_what_happened_and_who_asked_for_it(api, job):
    api.post(f"/api/jobs/{job.id}/cancel/")
    events = api.get(f"/api/jobs/{job.id}/events/").json()["results"]
    assert [(event["kind"], event["state"], event["actor"]) for event in events] == [
        ("created", "pending", "anna"),
        ("state", "cancelled", "anna"),
    ]


def test_events_tell_the_worker_and_the_error_without_the_servers_insides(api, job):
    said = 'Traceback …\n  File "/srv/a.py", line 1\nOSError: no room in /srv/work'
    details = {"detail": said, "worker": "host:1234", "step": "chunk", "index": 3}
    job.events.create(kind="step_rescheduled", state=job.state, reason="engine_crashed", details=details)
    event = api.get(f"/api/jobs/{job.id}/events/").json()["results"][-1]
    assert (event["reason"], event["details"]) == (
        "engine_crashed",
        {"detail": "OSError: no room in …", "worker": "host:1234", "step": "chunk", "index": 3},
    )


def test_events_come_in_pages(api, job):
    api.post(f"/api/jobs/{job.id}/cancel/")
    first = api.get(f"/api/jobs/{job.id}/events/?page_size=1").json()
    second = api.get(first["next"]).json()
    assert [page["results"][0]["kind"] for page in (first, second)] == ["created", "state"]


def test_an_event_cursor_that_was_not_made_here_is_not_found(api, job):
    assert api.get(f"/api/jobs/{job.id}/events/?cursor=cD14").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_events_take_the_same_queries_for_any_number(api, job, django_assert_num_queries, rows):
    for _ in range(rows):
        job.events.create(kind="stage", state=job.state, actor=job.owner)
    with django_assert_num_queries(4):  # session, user, job, events
        api.get(f"/api/jobs/{job.id}/events/")
