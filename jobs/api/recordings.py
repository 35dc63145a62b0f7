"""Recordings over HTTP; everyone sees only what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from jobs.api import schema
from jobs.api.access import TakeAnyAccept, get_user
from jobs.api.pagination import NewestFirstPagination
from jobs.api.serializers import RecordingSerializer
from jobs.audio import build_audio_response
from jobs.domain import control, queries
from jobs.models import Recording

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request


@extend_schema_view(
    list=extend_schema(summary="List recordings", responses={200: RecordingSerializer(many=True), **schema.LISTING}),
    retrieve=extend_schema(summary="Show a recording", responses={200: RecordingSerializer, **schema.READING}),
)
class RecordingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Recording]):
    """The audio that was recorded or uploaded."""

    queryset = Recording.objects.none()
    serializer_class = RecordingSerializer
    pagination_class = NewestFirstPagination

    def get_queryset(self) -> QuerySet[Recording]:
        return queries.visible_recordings(get_user(self.request))

    @extend_schema(
        summary="Rename a recording",
        request=RecordingSerializer,
        responses={200: RecordingSerializer, **schema.WRITING},
    )
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Give a recording another title."""
        recording = self.get_object()
        change = self.get_serializer(recording, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        if "title" in change.validated_data:
            recording = control.rename_recording(recording, change.validated_data["title"])
        return Response(self.get_serializer(recording).data)

    @extend_schema(summary="Delete a recording", responses={204: None, **schema.WRITING})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Delete a recording with its audio, its jobs and their text; running jobs are cancelled first."""
        control.delete_recording(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Fetch the audio", parameters=[schema.RANGE_PARAMETER], responses=schema.AUDIO, filters=False
    )
    @action(detail=True, content_negotiation_class=TakeAnyAccept)
    def audio(self, request: Request, pk: str) -> HttpResponseBase:  # noqa: ARG002 - DRF's signature
        """The audio as it was sent here, whole or the range that was asked for."""
        return build_audio_response(request._request, self.get_object())  # noqa: SLF001 - DRF's way to Django's own
