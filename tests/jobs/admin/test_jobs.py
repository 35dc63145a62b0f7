"""Jobs in the admin are found, inspected and controlled."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.db import connection
from django.templatetags.static import static
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs.domain.lifecycle import control
from jobs.models import Chunk, Job, JobEvent, Recording, Transcript
from jobs.states import JobState, StepKind, StepState
from tests.databases import asks_sqlite

LIST = reverse("admin:jobs_job_changelist")


def read(site, address):
    response = site.get(address)
    assert response.status_code == 200
    return response.content.decode()


def list_titles(site, **query):
    return [job.recording.title for job in site.get(LIST, query).context["cl"].result_list]


def act(site, action, *jobs):
    response = site.post(LIST, {"action": action, "_selected_action": [str(job.pk) for job in jobs]})
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("state", list(JobState))
def test_a_state_is_told_by_icon_word_and_colour(site, make_job, state):
    make_job(state=state)
    chips = re.findall(r'<span class="state-chip state-(\w+)">(<svg).*?</svg> (\w+)</span>', read(site, LIST))
    assert chips == [(state.value, "<svg", state.label)]


def test_the_list_shows_progress_age_owner_category_and_engine(site, make_done_job):
    make_done_job(progress=62.5, engine="whisper base")
    page = read(site, LIST)
    cells = re.findall(r'<td class="field-(\w+)[^>]*>(.*?)</td>', page, re.DOTALL)
    shown = {name: " ".join(re.sub(r"<[^>]*>", "", cell).split()) for name, cell in cells}
    assert shown == {
        "state_and_reason": "Completed",
        "percent": "62 %",
        "age": "just now",
        "owner": "anna",
        "category": "Literature",
        "engine": "whisper base",
    }


@pytest.mark.parametrize(
    "query",
    [
        {"state__exact": "completed"},
        {"transcript__category": "Literature"},
        {"transcript__sentiment": "neutral"},
        {"engine": "whisper base"},
        {"created_at__gte": "2020-01-01 00:00:00+00:00"},
        {"needs_review__exact": "1"},
        {"q": "Inter"},
        {"q": "anna"},
    ],
)
def test_filters_and_search_find_a_job(site, make_done_job, make_job, make_recording, stranger, query):
    make_done_job(engine="whisper base", needs_review=True)
    other = make_recording(owner=stranger, title="Other")
    make_job(owner=stranger, recording=other, created_at="2019-01-01T00:00:00Z")
    assert list_titles(site, **query) == ["Interview"]


def list_choices(site, title):
    (chosen,) = [spec for spec in site.get(LIST).context["cl"].filter_specs if spec.title == title]
    return [name for _value, name in chosen.lookup_choices]


@pytest.mark.parametrize(
    ("title", "choices"),
    [
        ("category", ["minutes", "diary", "uncategorised"]),
        ("sentiment", ["positive", "neutral", "negative"]),
        ("engine", ["fake", "whisper base"]),
    ],
)
def test_filters_offer_what_can_occur(site, make_job, settings, tmp_path, title, choices):
    settings.CATEGORIES_FILE = str(tmp_path / "categories.json")
    (tmp_path / "categories.json").write_text('{"minutes": ["We decided."], "diary": ["Today I went."]}')
    for engine in ("whisper base", "fake", "whisper base", ""):
        make_job(engine=engine)
    assert list_choices(site, title) == choices


@asks_sqlite
@pytest.mark.parametrize("page", ["jobs_job", "jobs_recording"])
def test_a_list_is_read_in_the_order_of_an_index(site, done_job, page):
    with CaptureQueriesContext(connection) as queries:
        site.get(reverse(f"admin:{page}_changelist"))
    (listing,) = [query["sql"] for query in queries if "ORDER BY" in query["sql"] and "LIMIT 1000" not in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {listing}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert [step for step in plan if "TEMP B-TREE" in step] == []


def test_a_whole_id_finds_its_job(site, make_job):
    job = make_job()
    make_job()
    assert [found.pk for found in site.get(LIST, {"q": f" {job.pk} "}).context["cl"].result_list] == [job.pk]


@pytest.mark.parametrize("address", ["/admin/", LIST])
def test_every_page_has_the_icon_of_the_site(site, address):
    assert re.findall(r'<link rel="icon" href="([^"]*)"', read(site, address)) == [static("img/favicon.svg")]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_jobs(site, make_done_job, django_assert_num_queries, rows):
    for _ in range(rows):
        make_done_job()
    with django_assert_num_queries(5):  # session, user, engines, count, jobs
        site.get(LIST)


def test_the_list_reads_no_text(site, done_job, django_assert_num_queries):
    with django_assert_num_queries(5) as queries:
        site.get(LIST)
    columns = ('"jobs_transcript"."text"', '"jobs_transcript"."preview"', '"jobs_recording"."peaks"')
    assert [query["sql"] for query in queries if any(column in query["sql"] for column in columns)] == []


def test_the_count_stops_at_a_bound(site, make_job, monkeypatch):
    monkeypatch.setattr("jobs.admin.readonly.COUNT_LIMIT", 2)
    for _ in range(3):
        make_job()
    assert site.get(LIST).context["cl"].result_count == 2


def test_the_page_of_a_job_shows_why_it_failed(site, make_job):
    job = make_job(state=JobState.FAILED, error_code="too_long", error_message="Split it.")
    assert "too_long: Split it." in read(site, reverse("admin:jobs_job_change", args=[job.pk]))


def test_the_page_of_a_job_shows_how_far_its_text_can_be_trusted(site, doubtful_job):
    page = read(site, reverse("admin:jobs_job_change", args=[doubtful_job.pk]))
    shown = dict(re.findall(r'field-(\w+)">.*?<div class="readonly">(.*?)</div>', page, re.DOTALL))
    words = "It may not be German (52\N{NO-BREAK SPACE}% sure). Only 70\N{NO-BREAK SPACE}% of the speech that was heard has text."
    assert (
        [shown[name] for name in ("coverage", "flags", "review_spot_count")],
        'alt="True"' in shown["needs_review"],
    ) == (
        ["0.70", words, "3"],
        True,
    )


def test_the_page_of_a_job_does_not_show_its_text(site, done_job):
    page = read(site, reverse("admin:jobs_job_change", args=[done_job.pk]))
    assert ("Ever tried." in page, "Literature" in page) == (False, True)


def test_the_page_of_a_job_without_transcript_shows_what_there_is(site, job):
    assert "None yet." in read(site, reverse("admin:jobs_job_change", args=[job.pk]))


def test_the_page_lists_events_with_who_and_why(site, job, owner):
    JobEvent.objects.create(job=job, kind="state", state=job.state, reason="tried again", details={"chunk": 3})
    page = read(site, reverse("admin:jobs_job_change", args=[job.pk]))
    rows = re.findall(r"<tr>\s*<td><time.*?</tr>", page, re.DOTALL)
    cells = [re.findall(r"<td>([^<]*)</td>", row) for row in rows]
    assert cells == [["Tried again", "tried again", "a worker", "{&#x27;chunk&#x27;: 3}"], ["Added", "", "anna", ""]]


def test_many_events_are_cut_and_it_says_so(site, job, monkeypatch):
    monkeypatch.setattr("jobs.admin.job_admin.MOST_EVENTS", 2)
    for _ in range(2):
        JobEvent.objects.create(job=job, kind="stage", state=job.state)
    page = read(site, reverse("admin:jobs_job_change", args=[job.pk]))
    assert ("The newest 2 are shown." in page, page.count("<td>Added</td>")) == (True, 0)


@pytest.fixture
def long_job(job):
    chunk = {"job": job, "owner": job.owner, "kind": StepKind.CHUNK, "runnable_at": job.created_at}
    Chunk.objects.bulk_create(
        Chunk(**chunk, index=index, state=StepState.DONE if index < 200 else StepState.WAITING) for index in range(600)
    )
    return job


@pytest.mark.parametrize("rows", [3, 600])
def test_a_job_of_many_chunks_takes_the_same_queries(site, long_job, django_assert_num_queries, rows):
    Chunk.objects.filter(index__gte=rows).delete()
    ContentType.objects.get_for_model(Job)  # asked for once per process
    with django_assert_num_queries(7):  # session, user, job, last error, chunk counts, chunks, events
        site.get(reverse("admin:jobs_job_change", args=[long_job.pk]))


def test_chunks_are_summed_up_and_listed(site, long_job):
    page = read(site, reverse("admin:jobs_job_change", args=[long_job.pk]))
    assert ("200 of 600 chunks done" in page, page.count("state-waiting")) == (True, 400)


def test_too_many_chunks_are_cut_and_it_says_so(site, long_job, monkeypatch):
    monkeypatch.setattr("jobs.admin.job_admin.MOST_CHUNKS", 10)
    assert "The first 10 are shown." in read(site, reverse("admin:jobs_job_change", args=[long_job.pk]))


def test_cancel_goes_through_the_domain_and_tells_of_each_refusal(site, admin, make_job):
    waiting, done = make_job(), make_job(state=JobState.COMPLETED)
    assert act(site, "cancel_jobs", waiting, done) == [
        f"Interview ({done.pk}): This job has already ended, so it can't be cancelled.",
        "1 job cancelled.",
    ]
    assert waiting.events.get(kind="state").actor == admin


def test_retry_starts_several_jobs_again(site, make_job):
    jobs = [make_job(state=JobState.FAILED), make_job(state=JobState.CANCELLED)]
    assert act(site, "retry_jobs", *jobs) == ["2 jobs started again."]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.PENDING}


def test_a_job_that_is_deleted_meanwhile_does_not_stop_the_others(site, make_job, monkeypatch):
    first, second = make_job(), make_job()
    cancel = control.cancel_job

    def delete_and_cancel(job, actor):
        Recording.objects.filter(pk=first.recording_id).delete()
        return cancel(job, actor)

    monkeypatch.setattr(control, "cancel_job", delete_and_cancel)
    told = act(site, "cancel_jobs", first, second)
    assert sorted(told) == ["1 job cancelled.", f"Interview ({first.pk}) was just deleted."]


def test_an_action_that_everything_refuses_counts_nothing(site, job):
    assert act(site, "retry_jobs", job) == [
        "1 job not started again. Only a failed or cancelled job can be tried again.",
    ]


@pytest.mark.parametrize("name", ["add", "delete", "change"])
def test_jobs_are_neither_added_nor_edited_nor_deleted_here(site, job, name):
    address = reverse(f"admin:jobs_job_{name}", args=[] if name == "add" else [job.pk])
    assert site.post(address, {"state": "completed"}).status_code == 403
    assert Job.objects.get().state == JobState.PENDING


@pytest.fixture
def viewer(db, client):
    person = User.objects.create_user("vic", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(person)
    return client


def test_staff_without_the_right_to_change_have_no_actions(viewer, job):
    assert (act(viewer, "cancel_jobs", job), Job.objects.get().state) == ([], JobState.PENDING)


def test_staff_with_the_right_to_view_can_inspect(viewer, job):
    assert "Pending" in read(viewer, reverse("admin:jobs_job_change", args=[job.pk]))


def test_a_missing_category_is_told_in_words(site, make_done_job):
    make_done_job()
    Transcript.objects.update(category="", category_reason="analysis_failed")
    assert "It could not be found out" in read(site, LIST)


@pytest.fixture
def make_failed(make_job):
    def make(code="engine_crashed", **fields):
        job = make_job(state=JobState.FAILED, error_code=code, error_message="It broke.", **fields)
        details = {"detail": "child ended with -9: /srv/x"}
        JobEvent.objects.create(job=job, kind="state", state="failed", reason=code, details=details)
        return job

    return make


def test_the_page_of_a_job_shows_reason_attempts_and_the_whole_last_error(site, make_failed):
    page = read(site, reverse("admin:jobs_job_change", args=[make_failed(attempts=3).pk]))
    shown = re.findall(r'<div class="readonly">(.*?)</div>', page)
    wanted = ("The speech engine stopped unexpectedly", "3", "engine_crashed: It broke.", "child ended with -9: /srv/x")
    assert [text for text in shown if text in wanted] == [wanted[1], wanted[0], wanted[2], wanted[3]]


def test_the_list_shows_reason_and_attempts_of_a_failed_job(site, make_failed):
    make_failed(attempts=3, dismissed_at=timezone.now())
    words = "The speech engine stopped unexpectedly, dismissed. Attempts: 3"
    assert re.findall(r'<div class="state-reason">([^<]*)</div>', read(site, LIST)) == [words]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"dismissed": "no"}, ["open"]),
        ({"dismissed": "yes"}, ["noted"]),
        ({"dismissed": "odd"}, ["noted", "open", "waiting"]),
        ({"error_code": "too_long"}, ["noted"]),
    ],
)
def test_failed_jobs_are_found_by_error_and_by_whether_they_are_dismissed(
    site, make_failed, make_job, make_recording, query, expected
):
    make_failed(recording=make_recording(title="open"))
    make_failed("too_long", recording=make_recording(title="noted"), dismissed_at=timezone.now())
    make_job(recording=make_recording(title="waiting"))
    assert sorted(list_titles(site, **query)) == expected


def test_many_are_dismissed_and_put_back_and_each_leaves_an_event(site, admin, make_failed, make_job):
    jobs = [make_failed(), make_failed(), make_job()]
    told = [act(site, action, *jobs) for action in ("dismiss_jobs", "take_back_jobs")]
    assert told == [
        ["2 jobs dismissed.", "1 job not dismissed. Only a failed job can be dismissed or put back."],
        [
            "2 jobs dismissed.",
            "1 job not dismissed. Only a failed job can be dismissed or put back.",
            "2 jobs put back.",
            "1 job not put back. Only dismissed jobs are put back.",
        ],
    ]
    assert set(JobEvent.objects.filter(actor=admin).values_list("kind", flat=True)) == {"dismissed", "taken_back"}


def test_what_one_action_has_no_time_for_is_left_for_the_next(site, make_failed, monkeypatch):
    monkeypatch.setattr("jobs.domain.lifecycle.bulk.BATCH_SECONDS", 0.0)
    assert act(site, "retry_jobs", make_failed()) == ["1 job left: choose the action again to go on with them."]


KINDS = reverse("admin:jobs_job_failed")


def test_failed_jobs_of_everybody_are_counted_by_kind(site, make_failed, stranger, make_recording):
    make_failed("too_long", dismissed_at=timezone.now())
    make_failed("unreadable_media")
    make_failed()
    make_failed(owner=stranger, recording=make_recording(owner=stranger))
    kinds = site.get(KINDS).context["kinds"]
    assert [(group.code, group.count) for group, _when, _address in kinds] == [
        ("engine_crashed", 2),
        ("unreadable_media", 1),
    ]
    assert [len(site.get(address).context["cl"].result_list) for _group, _when, address in kinds] == [2, 1]


def test_the_list_leads_to_the_kinds(site, job):
    assert f'href="{KINDS}"' in read(site, LIST)
    assert "No job has failed" in read(site, KINDS)


@pytest.mark.parametrize("rows", [1, 3])
def test_kinds_take_the_same_queries_for_any_number(site, make_failed, django_assert_num_queries, rows):
    for _ in range(rows):
        make_failed()
    with django_assert_num_queries(3):  # session, user, kinds
        site.get(KINDS)


def test_staff_without_rights_do_not_see_the_kinds(client, db):
    client.force_login(User.objects.create_user("tom", is_staff=True))
    assert client.get(KINDS).status_code == 403


def test_staff_who_may_only_look_see_the_kinds_and_cannot_dismiss(viewer, make_failed):
    job = make_failed()
    assert (viewer.get(KINDS).status_code, act(viewer, "dismiss_jobs", job)) == (200, [])
    job.refresh_from_db()
    assert job.dismissed_at is None
