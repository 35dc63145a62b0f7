"""What a page shows of a text that may be wrong."""

import re

import pytest
from django.urls import reverse

from jobs.models import Job, Segment, Step, Transcript
from tests.jobs.web.counting import count_queries


def show(client, job):
    return client.get(reverse("job", args=[job.pk])).content.decode()


def list_anchors(page):
    return re.findall(r'<a class="menu-item spot" href="#(.*?)"', page)


# pains T1
def test_text_that_may_be_invented_is_marked_where_it_stands(client, done_job):
    Segment.objects.update(flags=["text_in_silence"])
    page = show(client, done_job)
    assert re.findall(r'class="segment-reason"><svg .*?</svg>(.*?)</p>', page) == ["Text where nobody seems to speak"]


# pains T2
def test_speech_without_text_and_missing_sound_are_lines_at_their_place(client, doubtful_job):
    Transcript.objects.update(gaps=[[2.2, 2.4]])
    page = show(client, doubtful_job)
    lines = re.findall(r'<div class="segment[^>]*id="(\w+?)-?\d+" data-start="(.*?)"', page)
    assert lines == [("s", "0.50"), ("missing", "2.20"), ("s", "2.50"), ("s", "4.00"), ("missing", "6.00")]


# pains T3
def test_an_uncertain_language_is_told_and_can_be_corrected(client, doubtful_job):
    page = show(client, doubtful_job)
    assert ("German (52 % sure)" in page, "It may not be German (52\N{NO-BREAK SPACE}% sure)." in page) == (True, True)
    form = re.search(r'<form class="again-form".*?</form>', page, re.DOTALL).group()
    assert re.findall(r'<option value="(.*?)">(.*?)</option>', form) == [
        ("", "Choose a language"),
        ("en", "English"),
        ("fr", "French"),
    ]
    client.post(reverse("recording_transcribe", args=[doubtful_job.recording_id]), {"language": "fr"})
    assert Job.objects.exclude(pk=doubtful_job.pk).get().options == {"language": "fr"}


def test_a_certain_language_is_not_asked_for(client, done_job):
    page = show(client, done_job)
    assert ("again-form" in page, "English (" in page.split("job-side")[0]) == (False, False)


def test_the_notice_tells_all_reasons(client, doubtful_job):
    notice = re.search(r'<div class="notice notice-review">.*?</p>', show(client, doubtful_job), re.DOTALL).group()
    assert re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", notice)).strip() == (
        "This text needs a review. It may not be German (52\N{NO-BREAK SPACE}% sure). Only 70\N{NO-BREAK SPACE}% of the speech that was heard has text. "
        "Listen to the doubtful places; they are marked below."
    )


def test_a_text_that_can_be_trusted_has_neither_notice_nor_bar(client, done_job):
    page = show(client, done_job)
    assert ("notice-review" in page, "review-bar" in page, "chip-review" in page) == (False, False, False)


def test_the_places_are_links_to_what_is_in_the_page(client, doubtful_job):
    page = show(client, doubtful_job)
    second, third = doubtful_job.segments.filter(index__gt=0)
    assert list_anchors(page) == [f"d{second.pk}-0", f"s{third.pk}", "missing-600"]
    assert [page.count(f' id="{anchor}"') for anchor in list_anchors(page)] == [1, 1, 1]
    words = re.search(r"<span data-spot-words>(.*) places</span>", page).group(1)
    assert re.sub(r"<[^>]*>", "", words) == "3 doubtful"


def test_unsure_words_are_marked_in_their_line(client, doubtful_job):
    key = doubtful_job.segments.get(index=1).pk
    mark = f'<mark class="review-spot" id="d{key}-0" title="May be wrong">Ever failed,</mark>'
    assert f'<p class="segment-text">{mark} no</p>' in show(client, doubtful_job)


def test_while_a_job_runs_what_is_doubtful_is_marked_and_not_counted_yet(client, doubtful_job):
    Job.objects.update(state="processing", stage="transcribing", needs_review=False)
    page = show(client, doubtful_job)
    assert (page.count('<mark class="review-spot"'), "review-bar" in page, "notice-review" in page) == (1, False, False)


def test_a_page_that_has_the_text_already_gets_no_list_of_places(client, doubtful_job):
    last = max(doubtful_job.segments.values_list("pk", flat=True))
    page = client.get(reverse("fragment_job", args=[doubtful_job.pk]), {"since": last}).content.decode()
    assert ("review-bar" in page, 'id="missing-600"' in page) == (False, True)


def test_what_was_said_is_escaped_in_the_list_of_places(client, doubtful_job):
    words = [[2.5, 3, "<script>", 0.1]]
    Segment.objects.filter(index=1).update(text="<script>", words=words)
    page = show(client, doubtful_job)
    assert ("“&lt;script&gt;”" in page, "<script>" in page) == (True, False)


@pytest.mark.parametrize("address", ["home", "recordings"])
def test_a_card_says_that_its_text_needs_a_review(client, doubtful_job, done_job, address):
    page = client.get(reverse(address)).content.decode()
    assert re.findall(r'<span class="chip chip-review"><svg .*?</svg>(.*?)</span>', page) == ["Needs review"]


def test_the_filter_shows_and_counts_what_needs_a_review(client, make_done_job, make_doubtful_job, stranger):
    make_done_job()
    doubtful = make_doubtful_job()
    response = client.get("/?state=review")
    assert response.context["jobs"] == [doubtful]
    (tab,) = [tab for tab in response.context["tabs"] if tab["is_current"]]
    assert (tab["label"], tab["count"]) == ("Needs review", 1)


def test_the_page_of_a_job_takes_the_same_queries_for_any_number_of_places(client, doubtful_job):
    address = reverse("job", args=[doubtful_job.pk])
    before = count_queries(client, address)
    step = Step.objects.get()
    for index in range(3, 6):
        Segment.objects.create(
            job=doubtful_job, chunk=step, index=index, start=9, end=10, text="so", confidence=0.1, flags=["repetition"]
        )
    assert count_queries(client, address) == before


@pytest.mark.parametrize("rows", [1, 3])
def test_the_home_page_takes_the_same_queries_for_any_number_of_doubtful_jobs(client, make_doubtful_job, rows):
    for _ in range(rows):
        make_doubtful_job()
    assert count_queries(client, "/?state=review") == 15
