"""Addresses of the pages and of the fragments that they poll."""

from django.urls import path

from jobs.domain.lifecycle import control
from jobs.web import failed_pages, fragments, home, install, job_pages, log_page, recording_pages

urlpatterns = [
    path("", home.show_home, name="home"),
    path("manifest.webmanifest", install.show_manifest, name="manifest"),
    path("service-worker.js", install.show_service_worker, name="service_worker"),
    path("offline/", install.show_offline, name="offline"),
    path("share/", install.refuse_share, name="share"),
    path("jobs/<uuid:pk>/", job_pages.show_job, name="job"),
    path("jobs/<uuid:pk>/cancel/", job_pages.change_job, {"change": control.cancel_job}, name="job_cancel"),
    path("jobs/<uuid:pk>/retry/", job_pages.retry_job, name="job_retry"),
    path("jobs/<uuid:pk>/dismiss/", job_pages.change_job, {"change": control.dismiss_job}, name="job_dismiss"),
    path("jobs/<uuid:pk>/take-back/", job_pages.change_job, {"change": control.take_back_job}, name="job_take_back"),
    path("jobs/<uuid:pk>/log/", log_page.show_log, name="job_log"),
    path("jobs/<uuid:pk>/transcript.<slug:name>", job_pages.download_transcript, name="job_transcript"),
    path("failed/", failed_pages.list_failed, name="failed"),
    path("failed/change/", failed_pages.change_failed, name="failed_change"),
    path("recordings/", recording_pages.list_recordings, name="recordings"),
    path("recordings/<uuid:pk>/rename/", recording_pages.rename_recording, name="recording_rename"),
    path("recordings/<uuid:pk>/transcribe/", recording_pages.transcribe_recording, name="recording_transcribe"),
    path("recordings/<uuid:pk>/delete/", recording_pages.delete_recording, name="recording_delete"),
    path("fragments/failed/", failed_pages.show_failed_fragment, name="fragment_failed"),
    path("fragments/recordings/", recording_pages.show_recordings_fragment, name="fragment_recordings"),
    path("fragments/jobs/", fragments.show_cards, name="fragment_jobs"),
    path("fragments/jobs/<uuid:pk>/", fragments.show_job_fragment, name="fragment_job"),
    path("fragments/jobs/<uuid:pk>/log/", log_page.show_log_fragment, name="fragment_log"),
]
