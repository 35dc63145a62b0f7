import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from jobs import conf
from jobs.domain.base import storage
from jobs.domain.base.engines import ModelStatus
from jobs.models import Job, Recording, Transcript
from jobs.web import home
from jobs.web.card_list import CardFilter
from jobs.web.home import describe_megabytes


def get_titles(response):
    return [job.recording.title for job in response.context["jobs"]]


def test_a_visitor_is_sent_to_sign_in(client):
    client.logout()
    assert client.get("/").headers["Location"] == f"{reverse('accounts:sign_in')}?next=/"


def test_cards_come_by_state_and_newest_first(client, make_job, make_recording):
    for state in ("completed", "failed", "processing", "cancelled", "pending"):
        make_job(state=state, recording=make_recording(title=state))
    make_job(state="failed", recording=make_recording(title="newer"))
    expected = ["processing", "pending", "newer", "failed", "cancelled", "completed"]
    assert get_titles(client.get("/")) == expected


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?state=failed", ["failed"]),
        ("?state=active", ["pending"]),
        ("?state=completed", ["completed"]),
        ("?state=odd", ["pending", "failed", "completed"]),
    ],
)
def test_tabs_show_a_part_of_the_jobs(client, make_job, make_recording, query, titles):
    for state in ("completed", "pending", "failed"):
        make_job(state=state, recording=make_recording(title=state))
    assert get_titles(client.get(f"/{query}")) == titles


def test_a_category_is_a_filter_that_tabs_keep(client, make_done_job, make_job):
    make_job()
    done = make_done_job()
    response = client.get("/?category=Literature")
    assert response.context["jobs"] == [done]
    assert [tab["query"] for tab in response.context["tabs"]] == [
        "?category=Literature",
        "?state=active&category=Literature",
        "?state=completed&category=Literature",
        "?state=review&category=Literature",
        "?state=failed&category=Literature",
    ]


def test_what_is_completed_is_reached_however_much_is_waiting(client, make_job, make_done_job, recording):
    done = make_done_job()
    Job.objects.bulk_create(Job(owner=recording.owner, recording=recording, state="failed") for _ in range(60))
    home = client.get("/")
    tabs = {tab["label"]: tab["query"] for tab in home.context["tabs"] if tab["count"]}
    assert (done in home.context["jobs"], list(tabs)) == (False, ["All", "Completed", "Failed"])
    assert client.get(f"/{tabs['Completed']}").context["jobs"] == [done]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Speak, and read what you said"),
        ("?state=active", "Nothing is waiting or being transcribed."),
        ("?state=completed", "Nothing has been completed yet."),
        ("?state=review", "Nothing needs a review."),
        ("?state=failed", "Nothing has failed."),
        ("?category=Sport", "No jobs in this category."),
    ],
)
def test_an_empty_list_says_what_it_is_empty_of(client, query, words):
    assert words in client.get(f"/{query}").content.decode()


def test_an_empty_filter_asks_for_nothing():
    assert CardFilter().build_query() == ""


def test_a_card_shows_what_there_is_to_know(client, make_done_job):
    job = make_done_job()
    page = client.get("/").content.decode()
    card = page[page.index(f'id="job-{job.pk}"') :]
    for words in ("Interview", "Completed", "90 % sure", "“Ever tried.”", "13 s", "English", "Literature", "Neutral"):
        assert words in card


def test_a_card_says_why_there_is_no_category_where_somebody_can_help(client, done_job):
    Transcript.objects.update(category="", category_reason="category_model_missing")
    assert '<span class="tag quiet">The model for categories is missing</span>' in client.get("/").content.decode()


def test_a_silent_recording_says_so(client, make_job):
    make_job(state="completed")
    assert "No speech found." in client.get("/").content.decode()


def test_a_running_job_shows_percent(client, make_job):
    make_job(state="processing", stage="transcribing", progress=62.4)
    page = client.get("/").content.decode()
    assertInHTML('<progress max="100" value="62" aria-label="Progress of Interview"></progress>', page)
    assert "<span>62 %</span>" in page


# pains Q12
@pytest.mark.parametrize(("code", "actions"), [("unreadable_media", ["Upload another"]), ("worker_lost", ["Retry"])])
def test_another_try_is_offered_where_it_can_help(client, make_job, code, actions):
    make_job(state="failed", error_code=code, error_message="It broke.")
    page = client.get("/").content.decode()
    footer = re.search(r'<footer class="card-actions">(.*?)</footer>', page, re.DOTALL).group(1)
    assert re.findall(r"</svg>(Upload another|Retry)<", footer) == actions


def test_a_failed_job_says_what_happened_and_offers_another_try(client, make_job):
    job = make_job(state="failed", error_message="This file has no audio track.")
    page = client.get("/").content.decode()
    assert "This file has no audio track." in page
    assert f'formaction="{reverse("job_retry", args=[job.pk])}"' in page


def test_the_model_is_named_with_its_languages(client):
    page = client.get("/").content.decode()
    assert "Model fake" in page
    assert "English, German, French" in page


def test_a_missing_model_is_a_banner(client, monkeypatch):
    monkeypatch.setattr(home, "describe_model", lambda: ModelStatus("base", (), "Its files were not found."))
    assert "The speech model “base” is missing.</strong> Its files were not found." in client.get("/").content.decode()


@pytest.mark.parametrize(("megabytes", "words"), [(500, "500 MB"), (2048, "2 GB"), (1536, "1.5 GB")])
def test_the_size_limit_is_told_in_words(megabytes, words):
    assert describe_megabytes(megabytes) == words


def test_files_can_be_uploaded_without_javascript(client, make_upload):
    files = [make_upload("one.wav"), make_upload("two.wav")]
    response = client.post("/", {"audio": files, "language": "de"}, follow=True)
    assert sorted(get_titles(response)) == ["one", "two"]
    assert "2 files added." in response.content.decode()
    assert Job.objects.first().options == {"language": "de"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("xx", "talk.wav: The model in use does not know this language."), ("Latin", "Use a language code")],
)
def test_a_language_that_is_not_known_is_told(client, make_upload, language, words):
    response = client.post("/", {"audio": make_upload(), "language": language}, follow=True)
    assert words in response.content.decode()
    assert Job.objects.count() == 0


def test_an_empty_file_does_not_stop_the_others(client, make_upload):
    response = client.post("/", {"audio": [make_upload("none.wav", b""), make_upload()]}, follow=True)
    page = response.content.decode()
    assert "none.wav: This file is empty." in page
    assert "1 file added." in page


def test_sending_no_file_is_told(client):
    assert "Choose at least one file first." in client.post("/", follow=True).content.decode()


def test_a_file_over_the_limit_is_told(client, make_upload, settings):
    settings.MAX_UPLOAD_MB = 1
    response = client.post("/", {"audio": make_upload(content=bytes(2 * 1024 * 1024))}, follow=True)
    assert "larger than this server accepts" in response.content.decode()


def test_without_limits_and_with_room_nothing_is_said_of_space(client, monkeypatch):
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 10**15)
    assert client.get("/").context["quota"] is None


def test_who_has_limits_sees_what_is_used_of_them(client, settings, monkeypatch, make_recording):
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 10**15)
    settings.QUOTA_GB, settings.QUOTA_HOURS = 1, 2
    make_recording(bytes=512 * 1024**2, seconds=600)
    page = " ".join(client.get("/").content.decode().split())
    assert "512.0 MB of 1.0 GB used. 10 min of 2 h used." in page
    assert "is-scarce" not in page


@pytest.mark.parametrize("fields", [{"bytes": 1000 * 1024**2}, {"seconds": 7000}])
def test_who_has_used_nearly_all_is_warned(client, settings, make_recording, fields):
    settings.QUOTA_GB, settings.QUOTA_HOURS = 1, 2
    make_recording(**fields)
    assert "is-scarce" in client.get("/").content.decode()


def test_a_disk_with_room_for_a_few_hours_is_told(client, settings, monkeypatch):
    settings.MIN_FREE_MB = 1
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 1024**2 + round(3600 * conf.USUAL_BYTES_PER_SECOND))
    assert "The server has room for about 1 h of audio." in client.get("/").content.decode()


def test_recordings_that_nobody_makes_any_more_are_offered(client, make_recording):
    left = make_recording(state="receiving", audio="", seconds=None, title="Left behind")
    Recording.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(hours=1))
    make_recording(state="receiving", audio="", seconds=None, title="Just begun", key="k")
    assert [recording.title for recording in client.get("/").context["unfinished"]] == ["Left behind"]
