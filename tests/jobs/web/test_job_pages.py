import re

import pytest
from django.urls import reverse

from jobs.models import Recording, Segment, Step, Transcript


def show(client, job):
    return client.get(reverse("job", args=[job.pk])).content.decode()


def test_the_page_shows_the_text_with_times_and_words(client, done_job):
    key = done_job.segments.get().pk
    line = (
        f'<div class="segment" id="s{key}" data-start="0.50" data-end="2.00" data-words="0.50,0 1.00,5">'
        f'<a class="segment-time figures" href="#s{key}" title="Play from here">0:00</a>'
        '<p class="segment-text">Ever tried.</p></div>'
    )
    assert line in show(client, done_job)


def test_the_page_shows_what_is_known_of_the_job(client, done_job):
    page = show(client, done_job)
    for words in ("Interview", "0:13", "English", "90 % sure of the words", "Literature", "(99 % sure)", "Uploaded: "):
        assert words in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "Waiting for its turn"),
        ("failed", "Your recording is kept."),
        ("cancelled", "This job was cancelled."),
        ("completed", "No speech found"),
    ],
)
def test_every_state_says_what_it_means(client, make_job, state, words):
    assert words in show(client, make_job(state=state, error_message="It broke."))


@pytest.mark.parametrize(
    ("code", "message", "kept", "player", "action"),
    [
        ("unreadable_media", "Your file is kept; save it as WAV.", 0, False, "Upload another"),
        ("too_long", "It is kept; split it.", 0, True, "Upload another"),
        ("worker_lost", "Your recording is kept. Try again.", 1, True, "Retry"),
        ("engine_error", "It broke.", 1, True, "Retry"),
    ],
)
def test_a_failed_job_offers_what_can_help(client, make_job, code, message, kept, player, action):
    page = show(client, make_job(state="failed", error_code=code, error_message=message))
    trouble = re.search(r'<div class="notice notice-error job-trouble">(.*?)</div>\s*</div>', page, re.DOTALL).group(1)
    assert (trouble.count("Your recording is kept"), re.findall(r"</svg>(\w[^<]+)<", trouble)) == (
        kept,
        [action, "Dismiss", "Log"],
    )
    assert ("data-has-sound" in page, 'href="#player"' in page) == (player, player)


def test_a_running_job_shows_the_text_so_far_and_a_place_for_the_rest(client, make_job):
    job = make_job(state="processing", stage="transcribing", progress=50)
    step = Step.objects.create(job=job, owner=job.owner, kind="chunk", state="done", runnable_at=job.created_at)
    Segment.objects.create(job=job, chunk=step, index=0, start=0, end=1, text="Ever", confidence=1)
    page = show(client, job)
    assert '<p class="segment-text">Ever</p>' in page
    assert "The rest appears here as it is ready." in page


def test_the_history_tells_what_happened_and_why_in_words(client, make_job):
    job = make_job(state="failed")
    job.events.create(kind="state", state="failed", reason="worker_lost")
    page = show(client, job)
    line = r'<span>Failed</span>\s*<span class="quiet">The worker stopped without an answer several times</span>'
    assert ("<span>Added</span>" in page, len(re.findall(line, page))) == (True, 1)


def test_a_missing_category_is_told_with_its_reason(client, done_job):
    Transcript.objects.update(category="", category_reason="language_not_supported")
    assert '<dd class="quiet">Not for this language</dd>' in show(client, done_job)


def test_peaks_go_to_the_player(client, make_job, make_recording):
    job = make_job(recording=make_recording(peaks=[1, 50, 100]))
    assert 'data-peaks="1 50 100"' in show(client, job)


@pytest.mark.parametrize("name", ["txt", "srt", "vtt", "json"])
def test_a_transcript_comes_as_a_file(client, done_job, name):
    response = client.get(reverse("job_transcript", args=[done_job.pk, name]))
    assert response.headers["Content-Disposition"] == f'attachment; filename="Interview.{name}"'
    assert response.headers["X-Transcript-Complete"] == "true"
    assert "Ever tried." in response.content.decode()


def test_an_unfinished_transcript_says_so(client, job):
    response = client.get(reverse("job_transcript", args=[job.pk, "txt"]))
    assert (response.headers["X-Transcript-Complete"], response.content) == ("false", b"")


@pytest.mark.parametrize(("name", "content"), [("txt", b"No speech found.\n"), ("srt", b""), ("vtt", b"WEBVTT\n")])
def test_a_file_for_reading_says_that_nobody_spoke_and_subtitles_stay_valid(client, make_job, name, content):
    job = make_job(state="completed")
    Transcript.objects.create(job=job, is_complete=True)
    assert client.get(reverse("job_transcript", args=[job.pk, name])).content == content


def test_a_title_with_slashes_makes_a_file_name_without(client, done_job):
    Recording.objects.update(title="20/11: talk")
    response = client.get(reverse("job_transcript", args=[done_job.pk, "txt"]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="20-11- talk.txt"'


def test_an_unknown_format_is_400(client, done_job):
    response = client.get(reverse("job_transcript", args=[done_job.pk, "docx"]))
    assert response.status_code == 400
    assert "A transcript comes as json, txt, srt or vtt." in response.content.decode()


def test_a_job_is_cancelled_and_the_person_goes_back(client, job):
    response = client.post(reverse("job_cancel", args=[job.pk]), {"next": "/?state=active"})
    job.refresh_from_db()
    assert (job.state, response.headers["Location"]) == ("cancelled", "/?state=active")


def test_a_failed_job_is_tried_again(client, make_job):
    job = make_job(state="failed")
    response = client.post(reverse("job_retry", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, response.headers["Location"]) == ("pending", reverse("job", args=[job.pk]))


@pytest.mark.parametrize(
    ("name", "words"),
    [("job_cancel", "already ended"), ("job_retry", "Only a failed or cancelled job can be tried again.")],
)
def test_what_the_state_does_not_allow_is_told(client, done_job, name, words):
    assert words in client.post(reverse(name, args=[done_job.pk]), follow=True).content.decode()


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)", "foo", "home"])
def test_nobody_is_sent_to_another_site(client, job, target):
    response = client.post(reverse("job_cancel", args=[job.pk]), {"next": target})
    assert response.headers["Location"] == reverse("job", args=[job.pk])
