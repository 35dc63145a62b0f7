"""Recordings over HTTP.

People see only their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from foundation.http.pagination import NewestFirstPagination
from jobs.api import schema
from jobs.api.job_serializers import JobSerializer
from jobs.api.recording_serializers import (
    FinishRecordingSerializer,
    OpenRecordingSerializer,
    QuotaSerializer,
    RecorderSerializer,
    RecordingDetailSerializer,
    RecordingSerializer,
)
from jobs.api.requester import TakeAnyAccept, get_user
from jobs.audio_response import build_audio_response
from jobs.domain.intake import quota, recorder
from jobs.domain.lifecycle import control
from jobs.domain.reading import queries
from jobs.errors import RecorderProtocolUnknown
from jobs.models import Recording
from jobs.senders import PERSON_HEADER, check_person
from jobs.states import RecordingState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request


# The version of the recorder's calls. Pages that send it are served whatever their own version.
PROTOCOL_HEADER, PROTOCOL = "X-Recorder-Protocol", "1"
STATE_PARAMETER = OpenApiParameter("state", str, enum=["receiving"], description="Those that still arrive.")
OPENING = {200: RecordingDetailSerializer, **schema.describe_problems(400, 401, 403, 409, 413, 415, 429, 507)}
FINISHING = {202: JobSerializer, **schema.WRITING}


class QuotaView(APIView):
    """Your quota: what you keep here and may keep."""

    @extend_schema(summary="Show the quota", responses={200: QuotaSerializer, **schema.describe_problems(401)})
    def get(self, request: Request) -> Response:
        """Bytes and seconds used and allowed, and free space."""
        return Response(QuotaSerializer(quota.measure_quota(get_user(request))).data)


@extend_schema_view(
    list=extend_schema(
        summary="List recordings",
        parameters=[STATE_PARAMETER],
        responses={200: RecordingSerializer(many=True), **schema.LISTING},
    ),
    retrieve=extend_schema(summary="Show a recording", responses={200: RecordingDetailSerializer, **schema.READING}),
)
class RecordingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Recording]):
    """The audio that was recorded or uploaded."""

    queryset = Recording.objects.none()
    serializer_class = RecordingSerializer
    pagination_class = NewestFirstPagination
    own_parameters = ("state",)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.headers.get(PROTOCOL_HEADER, PROTOCOL) != PROTOCOL:
            raise RecorderProtocolUnknown
        check_person(request.headers.get(PERSON_HEADER), get_user(request))

    def get_queryset(self) -> QuerySet[Recording]:
        user = get_user(self.request)
        if self.action == "list":
            state = self.request.query_params.get("state", "")
            if state not in {"", RecordingState.RECEIVING}:
                raise ValidationError({"state": ["Recordings can be filtered by receiving."]})
            return recorder.list_unfinished(user) if state else queries.visible_recordings(user)
        return Recording.objects.owned_by(user).defer("peaks").select_related("owner").prefetch_related("parts")

    def get_serializer_class(self) -> Any:
        """Return the serializer of the browsable API's form."""
        if self.request is not None and self.request.method == "POST" and self.action in ("list", "create"):
            return OpenRecordingSerializer
        return RecordingSerializer if self.action == "list" else RecordingDetailSerializer

    @extend_schema(
        summary="Begin a recording",
        request=OpenRecordingSerializer,
        responses={201: RecordingDetailSerializer, **OPENING},
    )
    def create(self, request: Request) -> Response:
        """Open a recording whose audio arrives while it is made.

        The same `key` finds it again.
        """
        opening = OpenRecordingSerializer(data=request.data)
        opening.is_valid(raise_exception=True)
        key = opening.validated_data["key"]
        recording, is_new = recorder.open_recording(get_user(request), key, opening.build_changes())
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(RecordingDetailSerializer(recording).data, status=code)

    @extend_schema(
        summary="Change a recording",
        request=RecorderSerializer,
        responses={200: RecordingDetailSerializer, **schema.WRITING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Rename a recording.

        One that still arrives also takes its language, marks and losses.
        """
        recording = self.get_object()
        change = RecorderSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        if recording.state == RecordingState.RECEIVING:
            recorder.change_recording(recording, change.build_changes())
        elif "title" in change.validated_data:
            renamed = RecordingSerializer(recording, data={"title": change.validated_data["title"]}, partial=True)
            renamed.is_valid(raise_exception=True)
            recording = control.rename_recording(recording, renamed.validated_data["title"])
        return Response(RecordingDetailSerializer(recording).data)

    @extend_schema(summary="Finish a recording", request=FinishRecordingSerializer, responses=FINISHING)
    @action(detail=True, methods=["post"], serializer_class=FinishRecordingSerializer)
    def finish(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Make a recording ready and return its job.

        All parts must be here. Doing it twice returns the same job.
        """
        recording = self.get_object()
        ending = FinishRecordingSerializer(data=request.data)
        ending.is_valid(raise_exception=True)
        parts = None if ending.validated_data["as_is"] else ending.validated_data["parts"]
        user = get_user(request)
        job = recorder.finish_recording(recording, user, ending.build_changes(), parts)
        return Response(JobSerializer(queries.visible_jobs(user).get(pk=job.pk)).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(summary="Delete a recording", responses={204: None, **schema.WRITING})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Delete a recording with its audio, jobs and text.

        Running jobs are cancelled first.
        """
        control.delete_recording(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Fetch the audio", parameters=[schema.RANGE_PARAMETER], responses=schema.AUDIO, filters=False
    )
    @action(detail=True, content_negotiation_class=TakeAnyAccept)
    def audio(self, request: Request, pk: str) -> HttpResponseBase:  # noqa: ARG002 - DRF's signature
        """The audio as it was sent here, whole or a range."""
        return build_audio_response(request._request, self.get_object())  # noqa: SLF001 - DRF's way to Django's own
