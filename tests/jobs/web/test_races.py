"""An object may be deleted in another tab before the act."""

import pytest
from django.urls import reverse

from jobs.models import Recording
from jobs.web import access


@pytest.fixture(autouse=True)
def delete_after_look(monkeypatch):
    """Delete each object as soon as a view has found it."""

    def patch(module, name):
        find = getattr(access, name)

        def find_and_delete(request, pk):
            found = find(request, pk)
            Recording.objects.all().delete()
            return found

        monkeypatch.setattr(f"jobs.web.{module}.{name}", find_and_delete)

    patch("job_pages", "find_job")
    patch("recording_pages", "find_recording")


def test_cancelling_what_was_deleted_meanwhile_is_404(client, job):
    assert client.post(reverse("job_cancel", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("name", ["recording_rename", "recording_transcribe"])
def test_changing_what_was_deleted_meanwhile_is_404(client, recording, name):
    assert client.post(reverse(name, args=[recording.pk]), {"title": "Second talk"}).status_code == 404


def test_deleting_what_was_deleted_meanwhile_is_fine(client, recording):
    assert client.post(reverse("recording_delete", args=[recording.pk])).status_code == 302
