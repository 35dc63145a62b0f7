"""GET /api/jobs/{id}/transcript/ in each format, finished or not."""

from io import StringIO

import pytest
import webvtt

from jobs.models import Segment, Step, Transcript
from jobs.states import JobState, StepKind, StepState


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("txt", "text/plain; charset=utf-8"),
        ("srt", "application/x-subrip; charset=utf-8"),
        ("vtt", "text/vtt; charset=utf-8"),
        ("json", "application/json"),
    ],
)
def test_each_format_has_its_media_type_and_says_that_it_is_complete(api, done_job, name, media_type):
    response = api.get(f"/api/jobs/{done_job.id}/transcript/", {"format": name})
    assert (response.status_code, response["Content-Type"], response["X-Transcript-Complete"]) == (
        200,
        media_type,
        "true",
    )


def test_json_is_the_default_and_holds_segments_and_words(api, done_job):
    body = api.get(f"/api/jobs/{done_job.id}/transcript/").json()
    assert (body["text"], body["language"], body["seconds"]) == ("Ever tried.", "en", 12.5)
    assert body["segments"] == [
        {
            "start": 0.5,
            "end": 2.0,
            "text": "Ever tried.",
            "confidence": 0.9,
            "words": [
                {"start": 0.5, "end": 1, "text": "Ever", "probability": 0.9},
                {"start": 1, "end": 2, "text": " tried.", "probability": 0.8},
            ],
            "flags": [],
        }
    ]


def test_json_tells_what_is_doubtful_and_where(api, doubtful_job):  # pains T1, T2, T3
    body = api.get(f"/api/jobs/{doubtful_job.id}/transcript/").json()
    assert (body["coverage"], body["flags"]) == (0.7, ["language_uncertain", "low_coverage"])
    assert body["review_spots"] == [
        {"start": 2.5, "end": 3.5, "flags": ["unsure_words"]},
        {"start": 4.0, "end": 5.0, "flags": ["repetition", "low_confidence"]},
        {"start": 6, "end": 9, "flags": ["speech_without_text"]},
    ]


@pytest.mark.parametrize(("name", "content"), [("txt", b""), ("srt", b""), ("vtt", b"WEBVTT\n")])
def test_programs_get_no_words_that_nobody_said(api, make_job, name, content):
    job = make_job(state=JobState.COMPLETED)
    Transcript.objects.create(job=job, is_complete=True)
    assert api.get(f"/api/jobs/{job.id}/transcript/", {"format": name}).content == content


def test_json_tells_whether_somebody_spoke(api, job, done_job):
    found = [api.get(f"/api/jobs/{key}/transcript/").json()["speech_found"] for key in (job.pk, done_job.pk)]
    assert found == [False, True]


def test_vtt_can_be_read_by_others(api, done_job):
    text = api.get(f"/api/jobs/{done_job.id}/transcript/?format=vtt").content.decode()
    assert [cue.text for cue in webvtt.from_buffer(StringIO(text))] == ["Ever tried."]


def test_what_there_is_so_far_can_be_read_while_the_job_runs(api, make_job):
    job = make_job(state=JobState.PROCESSING)
    step = Step.objects.create(
        job=job, owner=job.owner, kind=StepKind.CHUNK, state=StepState.DONE, runnable_at=job.created_at
    )
    Segment.objects.create(job=job, chunk=step, index=0, start=0, end=1, text="No matter.", confidence=1)
    response = api.get(f"/api/jobs/{job.id}/transcript/?format=txt")
    assert (response.content, response["X-Transcript-Complete"]) == (b"No matter.\n", "false")


def test_a_job_that_has_not_begun_has_an_empty_transcript(api, job):
    response = api.get(f"/api/jobs/{job.id}/transcript/?format=txt")
    assert (response.status_code, response.content, response["X-Transcript-Complete"]) == (200, b"", "false")


@pytest.mark.parametrize("name", ["docx", "", "JSON"])
def test_an_unknown_format_is_400_in_the_error_shape(api, done_job, name):
    response = api.get(f"/api/jobs/{done_job.id}/transcript/", {"format": name})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_format")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["srt", "docx"])
def test_errors_take_no_notice_of_format(foreign_api, done_job, name):
    response = foreign_api.get(f"/api/jobs/{done_job.id}/transcript/", {"format": name})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_without_signing_in_srt_is_401_in_the_error_shape(client, done_job):
    response = client.get(f"/api/jobs/{done_job.id}/transcript/?format=srt")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("accept", ["text/vtt", "text/html", "image/png"])
def test_any_accept_gets_the_transcript(api, done_job, accept):
    response = api.get(f"/api/jobs/{done_job.id}/transcript/?format=vtt", headers={"Accept": accept})
    assert (response.status_code, response.content[:6]) == (200, b"WEBVTT")


def test_the_file_is_named_for_its_title(api, done_job):
    response = api.get(f"/api/jobs/{done_job.id}/transcript/?format=srt")
    assert response["Content-Disposition"] == 'inline; filename="Interview.srt"'


def test_the_format_on_another_address_changes_nothing(api, job):
    assert api.get(f"/api/jobs/{job.id}/?format=docx").json()["id"] == str(job.id)
