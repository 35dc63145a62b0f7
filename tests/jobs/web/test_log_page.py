"""The log of a job: its summary and its events.

These are in plain words, page by page.
"""

import re

import pytest
from django.urls import reverse

from jobs.models import JobEvent, Step
from jobs.states import Stage
from jobs.templatetags.log_lines import log_detail, log_line, times_speed, worker_words
from jobs.web import log_page
from tests.jobs.web.counting import count_queries

WORKER = "kiste-3fa2c1:4711"
CHUNK = {"step": "chunk", "index": 11, "worker": WORKER}


def show(client, job, query=""):
    return client.get(reverse("job_log", args=[job.pk]) + query)


def list_entries(response):
    entries = re.findall(r'<li id="event-\d+" class="log-entry.*?</li>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", re.findall(r"<p>(.*?)</p>", entry)[0]) for entry in entries]


@pytest.mark.parametrize(
    ("event", "line", "note"),
    [
        ({"kind": "created"}, "Added", ""),
        ({"kind": "state", "state": "processing", "reason": "a worker started it", "details": {"worker": WORKER}},
         "Started", "On kiste-3fa2c1, process 4711"),
        ({"kind": "state", "state": "pending", "reason": "tried again"}, "Tried again", ""),
        ({"kind": "state", "state": "failed", "reason": "engine_crashed", "details": {"detail": "ended with -9"}},
         "Failed", "The speech engine stopped unexpectedly · ended with -9"),
        ({"kind": "stage", "reason": Stage.TRANSCRIBING.label}, "Transcribing began", ""),
        ({"kind": "step_done", "reason": "Chunk",
          "details": {**CHUNK, "attempt": 2, "engine": "whisper base", "seconds": 58.0, "compute_seconds": 4.24}},
         "Piece 12 is transcribed",
         "On kiste-3fa2c1, process 4711, with whisper base · 58 s of audio in 4.2 s · try 2"),
        ({"kind": "step_done", "details": {"step": "prepare", "index": 0}},
         "The audio is decoded and cut into pieces", ""),
        ({"kind": "step_done", "details": {"step": "finish", "index": 0}}, "The text is joined and looked at", ""),
        ({"kind": "step_rescheduled", "reason": "engine_timeout", "details": {**CHUNK, "retry_in": 61.0}},
         "Piece 12 went wrong and is tried again",
         "The speech engine took too long · on kiste-3fa2c1, process 4711 · again after 1 min"),
        ({"kind": "lease_expired", "reason": "its worker went silent", "details": CHUNK},
         "Piece 12 lost its worker, another takes over", "On kiste-3fa2c1, process 4711"),
        ({"kind": "step_released", "reason": "the worker was stopped", "details": {"step": "prepare"}},
         "Preparing was handed back", "The worker was stopped"),
        ({"kind": "step_released", "reason": "the worker was stopped"},
         "A worker handed a piece back", "The worker was stopped"),
        ({"kind": "dismissed"}, "Dismissed", ""),
        ({"kind": "taken_back"}, "Put back among the failed jobs", ""),
    ],
)  # fmt: skip
def test_events_are_told_in_plain_words(event, line, note):
    told = JobEvent(**{"state": "processing", **event})
    assert (log_line(told), log_detail(told)) == (line, note)


@pytest.mark.parametrize(("name", "words"), [("odd", "odd"), ("a:b:7", "a:b, process 7")])
def test_a_worker_is_told_by_machine_and_process(name, words):
    assert worker_words(name) == words


@pytest.mark.parametrize(("speed", "words"), [(0.42, "0.4"), (15.4, "15")])
def test_a_speed_is_a_multiple_of_real_time(speed, words):
    assert times_speed(speed) == words


@pytest.fixture
def long_job(make_job):
    job = make_job(state="processing")
    for index, worker in enumerate(["kiste:1", "kiste:1", "keller:2", ""]):
        Step.objects.create(
            job=job, owner=job.owner, kind="chunk", index=index, state="done" if index < 3 else "waiting",
            runnable_at=job.created_at, start=index * 60, end=index * 60 + 60, compute_seconds=6 if worker else None,
            claimed_by=f"{worker}:ab" if worker else "",
        )  # fmt: skip
    return job


def test_a_long_job_begins_with_who_did_its_pieces_and_how_fast(client, long_job):
    page = " ".join(re.sub(r"<[^>]*>", "", show(client, long_job).content.decode()).split())
    assert "3 of 4 pieces done by 2 workers, at 10 times real time." in page
    assert "kiste, process 1: 2 pieces keller, process 2: 1 piece" in page


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["Dismissed", "Added, by anna"]), ("?order=oldest", ["Added, by anna", "Dismissed"])]
)
def test_the_log_comes_in_either_order(client, job, query, expected):
    job.events.create(kind="dismissed", state="failed")
    assert list_entries(show(client, job, query)) == expected


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_of_the_log_follow_one_another(client, job, monkeypatch, order):
    monkeypatch.setattr(log_page, "PAGE_SIZE", 2)
    for index in range(4):
        job.events.create(kind="step_done", state="processing", details={"step": "chunk", "index": index})
    whole, query = [], f"?order={order}"
    while query:
        response = show(client, job, query)
        whole += list_entries(response)
        further = response.context["further"]
        query = f"?order={order}&from={further}" if further else ""
    pieces = [f"Piece {number} is transcribed" for number in range(1, 5)]
    assert whole == (["Added, by anna", *pieces] if order == "oldest" else [*pieces[::-1], "Added, by anna"])


@pytest.mark.parametrize("place", ["", "x", "-1", "²", "9" * 19])
def test_a_place_that_makes_no_sense_is_the_beginning(client, job, place):
    assert len(list_entries(show(client, job, f"?from={place}"))) == 1


def test_the_log_takes_the_same_queries_for_one_and_three_events(client, job):
    address = reverse("job_log", args=[job.pk])
    one = count_queries(client, address)
    for _ in range(2):
        job.events.create(kind="dismissed", state="failed", actor=job.owner)
    assert count_queries(client, address) == one


def test_a_strangers_log_is_not_there(foreign_client, job):
    assert show(foreign_client, job).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, job):
    client.logout()
    assert show(client, job).headers["Location"].startswith(reverse("accounts:sign_in"))


def test_the_page_of_a_job_shows_turns_without_the_single_pieces(client, long_job):
    long_job.events.create(kind="step_done", state="processing", details={"step": "chunk", "index": 0})
    response = client.get(reverse("job", args=[long_job.pk]))
    assert [event.kind for event in response.context["turns"]] == ["created"]


def test_the_part_of_the_log_follows_the_job(client, foreign_client, job):
    address = reverse("fragment_log", args=[job.pk])
    first = client.get(f"{address}?order=oldest")
    assert list_entries(first) == ["Added, by anna"]
    assert client.get(f"{address}?order=oldest", headers={"If-None-Match": first["ETag"]}).status_code == 304
    job.events.create(kind="dismissed", state="failed")
    again = client.get(f"{address}?order=oldest", headers={"If-None-Match": first["ETag"]})
    assert list_entries(again) == ["Added, by anna", "Dismissed"]
    assert foreign_client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 401
