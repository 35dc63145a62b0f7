"""An object may be deleted between the look and the act."""

import pytest

from jobs.api.job_views import JobViewSet
from jobs.api.recording_views import RecordingViewSet
from jobs.models import Recording


@pytest.fixture(autouse=True)
def delete_after_look(monkeypatch):
    """Delete each object as soon as a view has found it."""

    def patch(viewset):
        find = viewset.get_object

        def find_and_delete(view):
            found = find(view)
            Recording.objects.all().delete()
            return found

        monkeypatch.setattr(viewset, "get_object", find_and_delete)

    patch(JobViewSet)
    patch(RecordingViewSet)


def test_cancelling_what_was_deleted_meanwhile_is_404(api, job):
    response = api.post(f"/api/jobs/{job.pk}/cancel/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_renaming_what_was_deleted_meanwhile_is_404(api, recording):
    response = api.patch(f"/api/recordings/{recording.pk}/", {"title": "Second talk"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
