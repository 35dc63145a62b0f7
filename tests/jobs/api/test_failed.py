"""Failed jobs are listed, counted by kind and changed.

Advice helps; retrying and dismissing work one or many at a time.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from jobs.domain.lifecycle import bulk
from jobs.models import Job, JobEvent
from jobs.states import JobState

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LIST = "/api/jobs/failed/"


@pytest.fixture
def make_failed(make_job):
    def make(code="engine_crashed", detail="child ended with -9", **fields):
        job = make_job(**{"state": JobState.FAILED, "error_code": code, "error_message": "It broke.", **fields})
        JobEvent.objects.create(job=job, kind="state", state="failed", reason=code, details={"detail": detail})
        return job

    return make


def ids(response):
    return [job["id"] for job in response.json()["results"]]


def test_a_failed_job_is_listed_with_reason_attempts_last_error_and_log(api, make_failed):  # pains Q12
    job = make_failed(attempts=2, detail="Traceback …\nMemoryError: no room in /srv/data/work/x.wav")
    (shown,) = api.get(LIST).json()["results"]
    assert {key: shown[key] for key in ("id", "attempts", "error", "last_error", "advice", "log")} == {
        "id": str(job.id),
        "attempts": 2,
        "error": {"code": "engine_crashed", "message": "It broke.", "retryable": True},
        "last_error": "MemoryError: no room in …",
        "advice": "Retry. If it happens again with the same recording, tell whoever runs this server.",
        "log": f"http://testserver/api/jobs/{job.id}/events/",
    }


def test_only_ones_own_failed_and_not_dismissed_jobs_are_listed(api, foreign_api, make_failed, make_job):
    old, new = make_failed(created_at=NOW), make_failed(created_at=NOW + timedelta(seconds=1))
    make_failed(dismissed_at=NOW)
    make_job(state=JobState.CANCELLED)
    assert (ids(api.get(LIST)), ids(foreign_api.get(LIST))) == ([str(new.id), str(old.id)], [])


def test_the_list_is_narrowed_down_to_one_kind_and_paged(api, make_failed):
    jobs = [make_failed("worker_lost", created_at=NOW + timedelta(seconds=number)) for number in range(3)]
    make_failed("too_long")
    first = api.get(LIST, {"error_code": "worker_lost", "page_size": 2})
    second = api.get(first.json()["next"])
    assert ids(first) + ids(second) == [str(job.id) for job in reversed(jobs)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(api, make_failed, django_assert_num_queries, rows):
    for _ in range(rows):
        make_failed()
    with django_assert_num_queries(3):  # session, user, jobs
        api.get(LIST)


def test_kinds_are_counted_the_most_frequent_first(api, make_failed):
    lasting = make_failed("too_long")
    make_failed("worker_lost", created_at=NOW)
    newest = make_failed("worker_lost")
    groups = api.get(f"{LIST}groups/").json()
    assert [(group["error_code"], group["count"], group["retryable"], group["newest"]) for group in groups] == [
        ("worker_lost", 2, True, str(newest.id)),
        ("too_long", 1, False, str(lasting.id)),
    ]
    assert groups[1]["title"] == "The recording is too long"


def test_kinds_are_counted_from_ones_own_jobs(foreign_api, make_failed):
    make_failed()
    assert foreign_api.get(f"{LIST}groups/").json() == []


@pytest.mark.parametrize(
    ("call", "before", "after"),
    [
        ("retry", {}, (JobState.PENDING, False)),
        ("dismiss", {}, (JobState.FAILED, True)),
        ("take-back", {"dismissed_at": NOW}, (JobState.FAILED, False)),
    ],
)
def test_all_of_a_kind_change_together(api, make_failed, call, before, after):
    jobs = [make_failed(**before) for _ in range(3)]
    other = make_failed("worker_lost", **before)
    answer = api.post(f"{LIST}{call}/", {"error_code": "engine_crashed"})
    assert answer.json() == {"done": 3, "skipped": 0, "left": 0}
    found = {(job.state, job.dismissed_at is not None) for job in Job.objects.filter(pk__in=[job.pk for job in jobs])}
    other.refresh_from_db()
    assert (found, other.dismissed_at) == ({after}, before.get("dismissed_at"))


def test_some_are_chosen_by_their_ids_and_the_rest_is_skipped_and_counted(api, make_failed, make_job, stranger):
    chosen = [make_failed(), make_failed("too_long"), make_job(), make_failed(owner=stranger)]
    left = make_failed()
    answer = api.post(f"{LIST}retry/", {"jobs": [*(str(job.id) for job in chosen), str(uuid4())]}, format="json")
    assert answer.json() == {"done": 2, "skipped": 3, "left": 0}
    assert set(Job.objects.filter(state="failed")) == {chosen[3], left}


def test_what_a_request_has_no_time_for_is_left_for_the_next(api, make_failed, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH_SECONDS", 0.0)
    make_failed()
    answer = api.post(f"{LIST}retry/", {"error_code": "engine_crashed"})
    assert answer.json() == {"done": 0, "skipped": 0, "left": 1}


def test_files_that_cannot_be_read_are_not_all_tried_again(api, make_failed):
    make_failed("unreadable_media")
    answer = api.post(f"{LIST}retry/", {"error_code": "unreadable_media"})
    assert (answer.status_code, answer.json()["code"], Job.objects.get().state) == (409, "retry_pointless", "failed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"jobs": []},
        {"jobs": ["x"]},
        {"jobs": "x"},
        {"jobs": [str(uuid4())], "error_code": "too_long"},
        {"error_code": ""},
        {"error_code": "x\0"},
        {"error_code": "x" * 41},
        {"jobs": [str(uuid4())] * 1001},
    ],
)
@pytest.mark.parametrize("call", ["retry", "dismiss", "take-back"])
def test_a_choice_that_makes_no_sense_is_refused(api, body, call):
    answer = api.post(f"{LIST}{call}/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("call", ["retry", "dismiss", "take-back"])
def test_a_call_for_many_counts_as_one_submission(api, make_failed, one_a_minute, call):
    make_failed()
    make_failed()
    answers = [api.post(f"{LIST}{call}/", {"error_code": "engine_crashed"}).status_code for _ in range(2)]
    assert (answers, api.get(LIST).status_code) == ([200, 429], 200)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_who_is_not_signed_in_gets_anything(client, method, db):
    addresses = [f"{LIST}retry/", f"{LIST}dismiss/", f"{LIST}take-back/"] if method == "post" else [LIST]
    assert {getattr(client, method)(address).status_code for address in addresses} == {401}


def test_a_single_job_is_dismissed_and_taken_back(api, make_failed):
    address = f"/api/jobs/{make_failed().id}/"
    dismissed = [api.post(f"{address}dismiss/").json()["dismissed_at"] is not None for _ in range(2)]
    taken_back = api.post(f"{address}take-back/").json()["dismissed_at"]
    kinds = list(JobEvent.objects.order_by("id").values_list("kind", flat=True))
    assert (dismissed, taken_back, kinds[2:]) == ([True, True], None, ["dismissed", "taken_back"])


@pytest.mark.parametrize("call", ["dismiss", "take-back"])
def test_a_job_that_has_not_failed_cannot_be_dismissed(api, job, call):
    answer = api.post(f"/api/jobs/{job.id}/{call}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_failed")


def test_a_strangers_job_cannot_be_dismissed(foreign_api, make_failed):
    assert foreign_api.post(f"/api/jobs/{make_failed().id}/dismiss/").status_code == 404


def test_a_body_that_nests_too_deep_is_bad_input(api):
    body = '{"jobs":' + "[" * 50_000
    response = api.post("/api/jobs/failed/retry/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
