"""The page of failed jobs, with and without JavaScript.

By kind, with advice, for one or many at a time.
"""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from foundation.http import cursors
from jobs.domain.lifecycle import bulk
from jobs.models import Job, JobEvent
from jobs.web import failed_pages
from tests.jobs.web.counting import count_queries

PAGE, PART, CHANGE = reverse("failed"), reverse("fragment_failed"), reverse("failed_change")


@pytest.fixture
def make_failed(make_job):
    def make(code="engine_crashed", detail="child ended with -9", **fields):
        job = make_job(**{"state": "failed", "error_code": code, "error_message": "It broke.", **fields})
        JobEvent.objects.create(job=job, kind="state", state="failed", reason=code, details={"detail": detail})
        return job

    return make


def list_sections(response):
    return [(section["code"], section["count"], section["jobs"]) for section in response.context["sections"]]


def press(client, act, **fields):
    response = client.post(CHANGE, {"act": act, **fields})
    return response, [str(message) for message in get_messages(response.wsgi_request)]


def read_states():
    return sorted((job.state, job.dismissed_at is not None) for job in Job.objects.all())


def test_kinds_come_the_most_frequent_first_with_what_to_do(client, make_failed):  # pains Q12
    lasting = make_failed("unreadable_media")
    jobs = [make_failed(), make_failed()]
    response = client.get(PAGE)
    page = response.content.decode()
    expected = [("engine_crashed", 2, jobs[::-1]), ("unreadable_media", 1, [lasting])]
    assert list_sections(response) == expected
    assert ("The speech engine stopped unexpectedly" in page, "the file is damaged or is no audio" in page) == (
        True,
        True,
    )


def test_a_job_shows_its_runs_its_last_error_and_the_way_to_its_log(client, make_failed):
    job = make_failed(attempts=3, detail='File "/srv/x.py", line 3\nMemoryError: no room in /srv/data/x')
    page = client.get(PAGE).content.decode()
    row = page[page.index(f'id="failed-{job.pk}"') :]
    assert ("3 runs" in row, "MemoryError: no room in …" in row, reverse("job_log", args=[job.pk]) in row) == (
        True,
        True,
        True,
    )


def test_all_of_a_kind_are_retried_only_where_that_can_help(client, make_failed):
    make_failed("unreadable_media")
    make_failed("unreadable_media")
    make_failed("worker_lost")
    page = client.get(PAGE).content.decode()
    assert re.findall(r'name="act"\s+value="([a-z_ ]+)"', page) == [
        "dismiss all",
        "dismiss",
        "retry all",
        "dismiss all",
    ]


def test_dismissed_jobs_are_listed_apart_the_last_dismissed_first(client, make_failed):
    now = timezone.now()
    early, late = make_failed(dismissed_at=now - timedelta(days=1)), make_failed(dismissed_at=now)
    open_job = make_failed()
    assert list_sections(client.get(PAGE)) == [("engine_crashed", 1, [open_job])]
    assert list_sections(client.get(PAGE, {"show": "dismissed"})) == [("", 2, [late, early])]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Nothing has failed"),
        ({"kind": "worker_lost"}, "None of this kind is left"),
        ({"show": "dismissed"}, "Nothing dismissed"),
    ],
)
def test_an_empty_page_says_what_it_is_empty_of(client, query, words):
    assert words in client.get(PAGE, query).content.decode()


def test_each_kind_shows_a_few_and_leads_to_all_of_them(client, make_failed, monkeypatch):
    monkeypatch.setattr(failed_pages, "FEW", 2)
    monkeypatch.setattr(cursors, "PAGE_SIZE", 2)
    jobs = [make_failed() for _ in range(3)]
    assert "Show all 3" in client.get(PAGE).content.decode()
    first = client.get(PAGE, {"kind": "engine_crashed"})
    (section,) = first.context["sections"]
    second = client.get(PAGE, {"kind": "engine_crashed", "before": section["older"]})
    assert [*section["jobs"], *second.context["sections"][0]["jobs"]] == jobs[::-1]


def test_dismissed_jobs_follow_page_by_page_though_dismissed_at_once(client, make_failed, monkeypatch):
    monkeypatch.setattr(cursors, "PAGE_SIZE", 2)
    now = timezone.now()
    jobs = [make_failed(dismissed_at=now) for _ in range(3)]
    first = client.get(PAGE, {"show": "dismissed"}).context["sections"][0]
    second = client.get(PAGE, {"show": "dismissed", "before": first["older"]}).context["sections"][0]
    assert ([*first["jobs"], *second["jobs"]], second["older"]) == (jobs, "")


def test_a_place_that_makes_no_sense_is_the_beginning(client, make_failed):
    job = make_failed()
    response = client.get(PAGE, {"kind": "engine_crashed", "before": "x_y_z"})
    assert list_sections(response) == [("engine_crashed", 1, [job])]


@pytest.mark.parametrize("query", ["", "?kind=engine_crashed", "?show=dismissed"])
@pytest.mark.parametrize("name", ["failed", "fragment_failed"])
def test_the_page_takes_the_same_queries_for_one_and_three_jobs(client, make_failed, name, query):
    dismissed_at = timezone.now() if "dismissed" in query else None
    make_failed(dismissed_at=dismissed_at)
    one = count_queries(client, reverse(name) + query)
    for _ in range(2):
        make_failed(dismissed_at=dismissed_at)
    assert count_queries(client, reverse(name) + query) == one


@pytest.mark.parametrize(
    ("act", "dismissed", "after", "words"),
    [
        ("retry", False, ("pending", False), "2 jobs started again."),
        ("dismiss", False, ("failed", True), "2 jobs dismissed."),
        ("take_back", True, ("failed", False), "2 jobs put back."),
    ],
)
def test_ticked_jobs_are_changed_and_it_says_so(client, make_failed, act, dismissed, after, words):
    dismissed_at = timezone.now() if dismissed else None
    jobs = [make_failed(dismissed_at=dismissed_at) for _ in range(3)]
    response, told = press(client, act, jobs=[job.pk for job in jobs[:2]], next="/failed/?kind=engine_crashed")
    assert (told, response["Location"]) == ([words], "/failed/?kind=engine_crashed")
    assert read_states() == sorted([after, after, ("failed", dismissed)])


def test_all_of_a_kind_are_changed_whatever_is_ticked(client, make_failed):
    job, _ = make_failed(), make_failed()
    make_failed("worker_lost")
    _, told = press(client, "dismiss all", error_code="engine_crashed", jobs=[job.pk])
    assert (told, read_states()) == (["2 jobs dismissed."], [("failed", False), ("failed", True), ("failed", True)])


def test_what_could_not_be_changed_or_is_left_is_counted(client, make_failed, make_job, monkeypatch):
    _, told = press(client, "retry", jobs=[make_failed().pk, make_job().pk])
    assert told == ["1 job started again. 1 had changed meanwhile and stayed as they were."]
    monkeypatch.setattr(bulk, "BATCH_SECONDS", 0.0)
    make_failed()
    _, told = press(client, "retry all", error_code="engine_crashed")
    assert told[-1] == "0 jobs started again. 1 are left: press again to go on with them."


def test_files_that_cannot_be_read_are_not_all_tried_again(client, make_failed):
    make_failed("unreadable_media")
    _, told = press(client, "retry all", error_code="unreadable_media")
    assert (told[0][:35], read_states()) == ("The cause lies in these files, so t", [("failed", False)])


@pytest.mark.parametrize(
    "fields",
    [{"act": "retry"}, {"act": "retry", "jobs": "x"}, {"act": "retry all"}, {"act": "", "jobs": "x"}, {"act": "burn all", "error_code": "engine_crashed"}],
)  # fmt: skip
def test_a_form_that_names_nothing_changes_nothing(client, make_failed, fields):
    make_failed()
    response = client.post(CHANGE, fields, follow=True)
    assert ("Tick at least one job first." in response.content.decode(), read_states()) == (True, [("failed", False)])


def test_a_stranger_sees_and_changes_nothing(foreign_client, make_failed):
    job = make_failed()
    press(foreign_client, "dismiss", jobs=[job.pk])
    press(foreign_client, "dismiss all", error_code="engine_crashed")
    assert (list_sections(foreign_client.get(PAGE)), read_states()) == ([], [("failed", False)])


@pytest.mark.parametrize("name", ["failed", "failed_change"])
def test_a_visitor_is_sent_to_sign_in(client, db, name):
    client.logout()
    method = client.post if name == "failed_change" else client.get
    assert method(reverse(name)).headers["Location"].startswith(reverse("accounts:sign_in"))


def test_the_part_that_is_polled_knows_when_nothing_changed(client, make_failed):
    make_failed()
    etag = f'"{client.get(PAGE).context["etag"]}"'
    same = client.get(PART, headers={"If-None-Match": etag}).status_code
    make_failed("too_long")
    changed = client.get(PART, headers={"If-None-Match": etag}).status_code
    client.logout()
    assert (same, changed, client.get(PART).status_code) == (304, 200, 401)


def test_changes_count_as_one_submission(client, make_failed, one_a_minute):
    make_failed()
    statuses = [press(client, "dismiss all", error_code="engine_crashed")[0].status_code for _ in range(2)]
    assert statuses == [302, 429]


def test_the_header_counts_what_is_not_dismissed(client, make_failed):
    make_failed()
    make_failed(dismissed_at=timezone.now())
    page = client.get(reverse("recordings")).content.decode()
    assert re.findall(r'data-count="failed">(\d+)<', page) == ["1"]


def test_the_home_page_leaves_dismissed_jobs_out_of_the_failed_ones_alone(client, make_failed):
    dismissed = make_failed(dismissed_at=timezone.now())
    job = make_failed()
    lists = [client.get(f"/{query}").context["jobs"] for query in ("?state=failed", "")]
    assert lists == [[job], [job, dismissed]]


@pytest.mark.parametrize(("name", "before"), [("job_dismiss", False), ("job_take_back", True)])
def test_a_single_job_is_dismissed_and_taken_back_on_its_page(client, make_failed, name, before):
    job = make_failed(dismissed_at=timezone.now() if before else None)
    response = client.post(reverse(name, args=[job.pk]))
    assert (response["Location"], read_states()) == (reverse("job", args=[job.pk]), [("failed", not before)])


def test_dismissing_a_job_that_has_not_failed_says_so(client, job):
    response = client.post(reverse("job_dismiss", args=[job.pk]), follow=True)
    assert "Only a failed job can be dismissed or put back." in response.content.decode()


def test_a_retry_takes_the_dismissal_back(client, make_failed):
    job = make_failed(dismissed_at=timezone.now())
    client.post(reverse("job_retry", args=[job.pk]))
    assert read_states() == [("pending", False)]
