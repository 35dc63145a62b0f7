"""Addresses of the pages and of the fragments that they poll."""

from django.urls import path

from jobs.domain import control
from jobs.web import fragments, home, job_pages, recording_pages

urlpatterns = [
    path("", home.show_home, name="home"),
    path("jobs/<uuid:pk>/", job_pages.show_job, name="job"),
    path("jobs/<uuid:pk>/cancel/", job_pages.change_job, {"change": control.cancel_job}, name="job_cancel"),
    path("jobs/<uuid:pk>/retry/", job_pages.retry_job, name="job_retry"),
    path("jobs/<uuid:pk>/transcript.<slug:name>", job_pages.download_transcript, name="job_transcript"),
    path("recordings/", recording_pages.list_recordings, name="recordings"),
    path("recordings/<uuid:pk>/rename/", recording_pages.rename_recording, name="recording_rename"),
    path("recordings/<uuid:pk>/transcribe/", recording_pages.transcribe_recording, name="recording_transcribe"),
    path("recordings/<uuid:pk>/delete/", recording_pages.delete_recording, name="recording_delete"),
    path("fragments/jobs/", fragments.show_cards, name="fragment_jobs"),
    path("fragments/jobs/<uuid:pk>/", fragments.show_job_part, name="fragment_job"),
]
