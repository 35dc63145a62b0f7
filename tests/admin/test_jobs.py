"""Jobs in the admin: found, inspected, cancelled and retried."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.db import connection
from django.templatetags.static import static
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from jobs.domain import control
from jobs.models import Chunk, Job, JobEvent, Recording
from jobs.states import JobState, StepKind, StepState

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
        "chip": "Completed",
        "percent": "62 %",
        "age": "0 minutes ago",
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
        {"q": "Inter"},
        {"q": "anna"},
    ],
)
def test_filters_and_search_find_a_job(site, make_done_job, make_job, make_recording, stranger, query):
    make_done_job(engine="whisper base")
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
    assert cells == [["state", "tried again", "a worker", "{&#x27;chunk&#x27;: 3}"], ["created", "", "anna", ""]]


def test_many_events_are_cut_and_it_says_so(site, job, monkeypatch):
    monkeypatch.setattr("jobs.admin.jobs.MOST_EVENTS", 2)
    for _ in range(2):
        JobEvent.objects.create(job=job, kind="stage", state=job.state)
    page = read(site, reverse("admin:jobs_job_change", args=[job.pk]))
    assert ("The newest 2 are shown." in page, page.count("<td>created</td>")) == (True, 0)


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
    with django_assert_num_queries(6):  # session, user, job, chunk counts, chunks, events
        site.get(reverse("admin:jobs_job_change", args=[long_job.pk]))


def test_chunks_are_summed_up_and_listed(site, long_job):
    page = read(site, reverse("admin:jobs_job_change", args=[long_job.pk]))
    assert ("200 of 600 chunks done" in page, page.count("state-waiting")) == (True, 400)


def test_too_many_chunks_are_cut_and_it_says_so(site, long_job, monkeypatch):
    monkeypatch.setattr("jobs.admin.jobs.MOST_CHUNKS", 10)
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
        f"Interview ({job.pk}): Only a failed or cancelled job can be tried again.",
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
