"""Recordings in the admin: inspected, and deleted through the domain."""

import pytest
from django.urls import reverse

from jobs.models import Job, Recording

LIST = reverse("admin:jobs_recording_changelist")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(site, make_recording, django_assert_num_queries, rows):
    for _ in range(rows):
        make_recording()
    with django_assert_num_queries(4):  # session, user, count, recordings
        site.get(LIST)


def test_the_list_tells_length_and_size(site, make_recording):
    make_recording(seconds=90)
    make_recording(seconds=None)
    page = site.get(LIST).content.decode()
    assert [page.count(cell) for cell in ("1.5 min</td>", "1.0\xa0KB</td>", 'field-length">-</td>')] == [1, 2, 1]


def test_the_page_of_a_recording_leads_to_its_jobs(site, make_job, recording):
    job = make_job(recording=recording)
    make_job()
    page = site.get(reverse("admin:jobs_recording_change", args=[recording.pk])).content.decode()
    link = f"{reverse('admin:jobs_job_changelist')}?recording__id__exact={recording.pk}"
    assert link in page
    assert [found.pk for found in site.get(link).context["cl"].result_list] == [job.pk]


def test_deleting_asks_with_a_short_list(site, done_job):
    page = site.get(reverse("admin:jobs_recording_delete", args=[done_job.recording_id])).content.decode()
    assert ("Jobs, with their text: 1" in page, "Ever tried" in page) == (True, False)


def test_deleting_one_goes_through_the_domain(site, job, django_capture_on_commit_callbacks):
    audio = job.recording.audio
    with django_capture_on_commit_callbacks(execute=True):
        site.post(reverse("admin:jobs_recording_delete", args=[job.recording_id]), {"post": "yes"})
    assert (Job.objects.count(), audio.storage.exists(audio.name)) == (0, False)


def test_deleting_several_goes_through_the_domain(site, make_recording, django_capture_on_commit_callbacks):
    rows = [make_recording(), make_recording()]
    data = {"action": "delete_selected", "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        site.post(LIST, data)
    remaining = [row for row in rows if row.audio.storage.exists(row.audio.name)]
    assert (Recording.objects.count(), remaining) == (0, [])


@pytest.mark.parametrize("name", ["add", "change"])
def test_recordings_are_neither_added_nor_edited_here(site, recording, name):
    address = reverse(f"admin:jobs_recording_{name}", args=[] if name == "add" else [recording.pk])
    assert site.post(address, {"title": "Other"}).status_code == 403


def test_what_was_noticed_while_recording_is_told(site, make_recording):
    losses = [{"start": 4.0, "seconds": 2.0, "reason": "silence"}]
    recording = make_recording(marks=[{"seconds": 3.0, "note": "<budget>"}], losses=losses)
    page = site.get(reverse("admin:jobs_recording_change", args=[recording.pk])).content.decode()
    assert "3 s: &lt;budget&gt;<br>4 s: No sound reached the microphone for 2 s" in page
