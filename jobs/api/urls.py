"""The addresses of the API, its schema and its documentation."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import APIRootView, DefaultRouter

from jobs.api.failed_job_views import FailedJobViewSet
from jobs.api.job_views import JobViewSet
from jobs.api.recording_views import QuotaView, RecordingViewSet


class ApiRoot(APIRootView):
    """Jobs turn recordings into text. The documentation explains every call."""


router = DefaultRouter()
router.APIRootView = ApiRoot
# A suffix such as .json would be a second way to say what Accept says.
router.include_format_suffixes = False
# Before the jobs, as its name would be taken for an id.
router.register("jobs/failed", FailedJobViewSet, basename="failed-job")
router.register("jobs", JobViewSet, basename="job")
router.register("recordings", RecordingViewSet, basename="recording")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"), name="api_docs"),
    path("quota/", QuotaView.as_view(), name="quota"),
    path("", include(router.urls)),
]
