"""Failed jobs over HTTP: lists, counts and changes.

They are counted by kind, and retried or dismissed many at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foundation.http.pagination import NewestFirstPagination
from jobs.api import schema
from jobs.api.failed_job_serializers import (
    FailedChoiceSerializer,
    FailedJobSerializer,
    FailureGroupSerializer,
    TallySerializer,
)
from jobs.api.job_filters import FailedJobFilter
from jobs.api.requester import get_user
from jobs.domain.lifecycle import bulk
from jobs.domain.reading import failures
from jobs.models import Job
from jobs.submit_throttle import SubmitThrottle

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.throttling import BaseThrottle

CHANGING = {200: TallySerializer, **schema.WRITING}
GROUPS = {(200, "application/json"): FailureGroupSerializer(many=True), **schema.READING}


@extend_schema_view(
    list=extend_schema(summary="List failed jobs", responses={200: FailedJobSerializer(many=True), **schema.LISTING})
)
class FailedJobViewSet(mixins.ListModelMixin, GenericViewSet[Job]):
    """Jobs that failed, without those that are dismissed."""

    queryset = Job.objects.none()
    serializer_class = FailedJobSerializer
    filterset_class = FailedJobFilter
    pagination_class = NewestFirstPagination

    def get_queryset(self) -> QuerySet[Job]:
        return failures.with_last_error(failures.dead_jobs(get_user(self.request)))

    def get_throttles(self) -> list[BaseThrottle]:
        """Count each changing call as one submission.

        The number of its jobs does not matter.
        """
        return [SubmitThrottle()] if self.request.method == "POST" else []

    @extend_schema(summary="Count failed jobs by error code", responses=GROUPS, filters=False)
    @action(detail=False, pagination_class=None, filterset_class=None, serializer_class=FailureGroupSerializer)
    def groups(self, request: Request) -> Response:
        """The failed jobs by error code, the most frequent first."""
        return Response(FailureGroupSerializer(failures.group_failures(get_user(request)), many=True).data)

    @extend_schema(summary="Retry failed jobs", request=FailedChoiceSerializer, responses=CHANGING)
    @action(detail=False, methods=["post"], serializer_class=FailedChoiceSerializer)
    def retry(self, request: Request) -> Response:
        """Start failed jobs again by their ids or error code.

        What is left waits for another call.
        """
        return self.change(request, "retry")

    @extend_schema(summary="Dismiss failed jobs", request=FailedChoiceSerializer, responses=CHANGING)
    @action(detail=False, methods=["post"], serializer_class=FailedChoiceSerializer)
    def dismiss(self, request: Request) -> Response:
        """Dismiss failed jobs by their ids or error code.

        What is left waits for another call.
        """
        return self.change(request, "dismiss")

    @extend_schema(summary="Take dismissed jobs back", request=FailedChoiceSerializer, responses=CHANGING)
    @action(detail=False, methods=["post"], serializer_class=FailedChoiceSerializer, url_path="take-back")
    def take_back(self, request: Request) -> Response:
        """Put dismissed jobs back among the failed ones.

        What is left waits for another call.
        """
        return self.change(request, "take_back")

    def change(self, request: Request, action: str) -> Response:
        """Change the user's chosen jobs and answer with the tally."""
        choice = self.get_serializer(data=request.data)
        choice.is_valid(raise_exception=True)
        tally = bulk.change_chosen(get_user(request), action, **choice.validated_data)
        return Response(TallySerializer(tally).data)
