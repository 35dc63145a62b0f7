"""Jobs over HTTP.

People see only their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from foundation.http.json_parser import JSONParser
from foundation.http.pagination import EventPagination, NewestFirstPagination
from jobs.api import schema
from jobs.api.idempotency_header import read_keyed_request
from jobs.api.job_filters import JobFilter
from jobs.api.job_serializers import EmptyBodySerializer, JobEventSerializer, JobSerializer, SubmissionSerializer
from jobs.api.requester import TakeAnyAccept, get_user
from jobs.domain.intake import submit
from jobs.domain.intake.idempotency import AlreadySubmitted
from jobs.domain.lifecycle import control
from jobs.domain.reading import queries
from jobs.models import Job, JobEvent
from jobs.submit_throttle import SubmitThrottle
from jobs.transcript_response import build_transcript_response
from jobs.upload_handler import check_upload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse
    from rest_framework.request import Request
    from rest_framework.throttling import BaseThrottle

    from accounts.models import User
    from jobs.domain.intake.idempotency import KeyedRequest


@extend_schema_view(
    list=extend_schema(summary="List jobs", responses={200: JobSerializer(many=True), **schema.LISTING}),
    retrieve=extend_schema(summary="Show a job", responses={200: JobSerializer, **schema.READING}),
)
class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Job]):
    """Transcription jobs: each is one run of a recording through the engine."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    filterset_class = JobFilter
    # The first is what the documentation offers: most submissions carry a file.
    parser_classes = (MultiPartParser, FormParser, JSONParser)
    pagination_class = NewestFirstPagination

    def get_queryset(self) -> QuerySet[Job]:
        return queries.visible_jobs(get_user(self.request))

    def get_throttles(self) -> list[BaseThrottle]:
        return [SubmitThrottle()] if self.action in ("create", "retry") else []

    def get_serializer_class(self) -> Any:
        """Return the serializer of the browsable API's form."""
        if self.request is not None and self.request.method == "POST" and self.action in ("list", "create"):
            return SubmissionSerializer
        return super().get_serializer_class()

    @extend_schema(
        summary="Submit a recording",
        parameters=schema.IDEMPOTENCY_PARAMETERS,
        request=SubmissionSerializer,
        responses=schema.SUBMITTING,
    )
    def create(self, request: Request) -> Response:
        """Accept a file or a stored recording and answer with its job."""
        data = request.data
        check_upload(request)
        submission = SubmissionSerializer(data=data)
        submission.is_valid(raise_exception=True)
        keyed = read_keyed_request(request, submission.validated_data)
        try:
            return self.answer_job(self.submit(get_user(request), submission.validated_data, keyed))
        except AlreadySubmitted as earlier:
            job = get_object_or_404(self.get_queryset(), pk=earlier.job_id)
            return self.answer_job(job, {"Idempotency-Replayed": "true"})

    def submit(self, user: User, data: dict[str, Any], keyed: KeyedRequest | None) -> Job:
        """Make the job.

        Errors of the domain pass through.

        Raises:
            Http404: the recording is not the user's.
        """
        language = data.get("language", "")
        if "recording" in data:
            submit.check_if_keyed(keyed)  # before the recording is looked for, which may be deleted
            recording = get_object_or_404(queries.visible_recordings(user), pk=data["recording"])
            return submit.submit_recording(recording, actor=user, language=language, request=keyed)
        return submit.submit_upload(
            user,
            data["audio"],
            title=data.get("title", ""),
            language=language,
            source=data["source"],
            force=data["force"],
            request=keyed,
        )

    def answer_job(self, job: Job, headers: dict[str, str] | None = None) -> Response:
        """Return 202 with the job, its address and `headers`."""
        shown = JobSerializer(queries.visible_jobs(get_user(self.request)).get(pk=job.pk))
        location = reverse("job-detail", kwargs={"pk": job.pk}, request=self.request)
        return Response(shown.data, status=status.HTTP_202_ACCEPTED, headers={"Location": location, **(headers or {})})

    @extend_schema(summary="Cancel a job", request=None, responses=schema.CHANGING)
    @action(detail=True, methods=["post"], serializer_class=EmptyBodySerializer)
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Stop a job that has not ended.

        What has been transcribed so far is kept. Doing it twice is fine.
        """
        return self.answer_job(control.cancel_job(self.get_object(), get_user(request)))

    @extend_schema(summary="Retry a job", request=None, responses=schema.CHANGING)
    @action(detail=True, methods=["post"], serializer_class=EmptyBodySerializer)
    def retry(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Start a failed or cancelled job again.

        It goes on where it stopped.
        """
        return self.answer_job(control.retry_job(self.get_object(), get_user(request)))

    @extend_schema(summary="Dismiss a failed job", request=None, responses=schema.CHANGING)
    @action(detail=True, methods=["post"], serializer_class=EmptyBodySerializer)
    def dismiss(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Dismiss a failed job.

        It leaves the failed jobs and stays as it is. Doing it twice is fine.
        """
        return self.answer_job(control.dismiss_job(self.get_object(), get_user(request)))

    @extend_schema(summary="Take a dismissed job back", request=None, responses=schema.CHANGING)
    @action(detail=True, methods=["post"], serializer_class=EmptyBodySerializer, url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Put a dismissed job back among the failed ones.

        Doing it twice is fine.
        """
        return self.answer_job(control.take_back_job(self.get_object(), get_user(request)))

    @extend_schema(summary="List a job's events", responses=schema.EVENTS)
    @action(detail=True, pagination_class=EventPagination, serializer_class=JobEventSerializer, filterset_class=None)
    def events(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """The changes of a job with their times and reasons."""
        events = cast("Sequence[Any]", queries.list_events(self.get_object()))
        page: list[JobEvent] | None = self.paginate_queryset(events)
        return self.get_paginated_response(JobEventSerializer(page, many=True).data)

    @extend_schema(
        summary="Read the transcript", parameters=[schema.FORMAT_PARAMETER], responses=schema.TRANSCRIPT, filters=False
    )
    @action(detail=True, content_negotiation_class=TakeAnyAccept)
    def transcript(self, request: Request, pk: str) -> HttpResponse:  # noqa: ARG002 - DRF's signature
        """The text, as far as there is any.

        The header X-Transcript-Complete says whether it is whole.
        """
        chosen = request.query_params.get("format", "json")
        return build_transcript_response(self.get_object(), chosen, attachment=False)
