"""Webhooks, deliveries, browsers and preferences of a person."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet, ModelViewSet

from foundation.http.pagination import NewestFirstPagination
from foundation.problems import ProblemError, ProblemRow
from jobs.api import schema
from jobs.api.requester import get_user
from jobs.submit_throttle import SubmitThrottle
from notifications import backlog, conf, outbox, settling
from notifications.api.delivery_filters import DeliveryFilter
from notifications.api.notification_serializers import (
    DeliverySerializer,
    NewWebhookSerializer,
    NotificationPreferencesSerializer,
    PushKeySerializer,
    PushSubscriptionSerializer,
    RenewSecretSerializer,
    WebhookSerializer,
)
from notifications.channels.push import push_channel
from notifications.channels.webhook import webhook_signatures
from notifications.models import Delivery, NotificationPreferences, PushSubscription, Webhook
from notifications.preferences import get_preferences
from notifications.row_limits import TooMany, enforce_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    from accounts.models import User

TOO_MANY_TARGETS = ProblemRow(
    "too_many_targets", 409, "", "You have as many webhooks or browsers as one person may. Delete one first."
)
DELIVERY_OPEN = ProblemRow(
    "delivery_open", 409, "", "This delivery is still to be made; it can be sent again once it has ended."
)


@contextmanager
def enforce_api_limit(owner: User, rows: QuerySet[Any], limit: int) -> Iterator[None]:
    """Allow one more row within the block, as `enforce_limit` does.

    Raises:
        ProblemError: the person has `limit` of them.
    """
    try:
        with enforce_limit(owner, rows, limit):
            yield
    except TooMany as error:
        raise ProblemError(TOO_MANY_TARGETS.build(detail=str(error))) from error


class NotificationPreferencesView(RetrieveUpdateAPIView[NotificationPreferences]):
    """What you are notified of and how."""

    serializer_class = NotificationPreferencesSerializer
    http_method_names = ["get", "patch", "head", "options"]

    def get_object(self) -> NotificationPreferences:
        return get_preferences(get_user(self.request))

    @extend_schema(
        summary="Show your notification preferences",
        responses={200: NotificationPreferencesSerializer, **schema.READING},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Change your notification preferences",
        responses={200: NotificationPreferencesSerializer, **schema.WRITING},
    )
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().patch(request, *args, **kwargs)


@extend_schema_view(
    list=extend_schema(summary="List webhooks", responses={200: WebhookSerializer(many=True), **schema.LISTING}),
    retrieve=extend_schema(summary="Show a webhook", responses={200: WebhookSerializer, **schema.READING}),
    create=extend_schema(summary="Add a webhook", responses={201: NewWebhookSerializer, **schema.WRITING}),
    partial_update=extend_schema(summary="Change a webhook", responses={200: WebhookSerializer, **schema.WRITING}),
    destroy=extend_schema(summary="Delete a webhook", responses={204: None, **schema.WRITING}),
)
class WebhookViewSet(ModelViewSet[Webhook]):
    """Addresses that are called when your jobs have ended."""

    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer
    pagination_class = NewestFirstPagination
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.filter(owner=get_user(self.request))

    def get_serializer_class(self) -> type[BaseSerializer[Webhook]]:
        return NewWebhookSerializer if self.action == "create" else WebhookSerializer

    def perform_create(self, serializer: BaseSerializer[Webhook]) -> None:
        owner = get_user(self.request)
        with enforce_api_limit(owner, self.get_queryset(), conf.WEBHOOKS_PER_PERSON):
            serializer.save(owner=owner)

    @extend_schema(summary="Send a test", request=None, responses={202: DeliverySerializer, **schema.WRITING})
    @action(detail=True, methods=["post"], throttle_classes=[SubmitThrottle])
    def test(self, _request: Request, pk: str) -> Response:  # noqa: ARG002 - part of the address
        """Call it with an event of the type test."""
        delivery = outbox.write_test(self.get_object())
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status.HTTP_202_ACCEPTED)

    @extend_schema(summary="Resume a webhook", request=None, responses={200: WebhookSerializer, **schema.WRITING})
    @action(detail=True, methods=["post"])
    def resume(self, _request: Request, pk: str) -> Response:  # noqa: ARG002 - the same
        """Call it again after a pause, with what has waited for it."""
        webhook = self.get_object()
        backlog.resume(webhook)
        webhook.refresh_from_db()
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(
        summary="Renew the secret",
        request=RenewSecretSerializer,
        responses={200: NewWebhookSerializer, **schema.WRITING},
    )
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the same
        """Make a new secret.

        The old one signs as well for a day, unless it is to end at once.
        """
        webhook = self.get_object()
        wanted = RenewSecretSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        webhook_signatures.renew_secret(webhook, **wanted.validated_data)
        return Response(NewWebhookSerializer(webhook).data)


@extend_schema_view(
    list=extend_schema(summary="List deliveries", responses={200: DeliverySerializer(many=True), **schema.LISTING}),
    retrieve=extend_schema(summary="Show a delivery", responses={200: DeliverySerializer, **schema.READING}),
)
class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Delivery]):
    """Your notifications of the last 30 days, with each try.

    They are those by webhook, browser and e-mail.
    """

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    pagination_class = NewestFirstPagination

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(owner=get_user(self.request)).prefetch_related("tries")

    @extend_schema(summary="Send it again", request=None, responses={202: DeliverySerializer, **schema.WRITING})
    @action(detail=True, methods=["post"], throttle_classes=[SubmitThrottle])
    def resend(self, _request: Request, pk: str) -> Response:  # noqa: ARG002 - the same
        """Make a delivery once more, under its old id."""
        delivery = self.get_object()
        if not settling.send_again(delivery):
            raise ProblemError(DELIVERY_OPEN.build())
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status.HTTP_202_ACCEPTED)


@extend_schema_view(
    list=extend_schema(
        summary="List browsers", responses={200: PushSubscriptionSerializer(many=True), **schema.LISTING}
    ),
    create=extend_schema(summary="Add a browser", responses={201: PushSubscriptionSerializer, **schema.WRITING}),
    destroy=extend_schema(summary="Forget a browser", responses={204: None, **schema.WRITING}),
)
class PushSubscriptionViewSet(
    mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, GenericViewSet[PushSubscription]
):
    """Browsers that are notified by Web Push."""

    queryset = PushSubscription.objects.none()
    serializer_class = PushSubscriptionSerializer
    pagination_class = NewestFirstPagination

    def get_queryset(self) -> QuerySet[PushSubscription]:
        return PushSubscription.objects.filter(owner=get_user(self.request))

    def perform_create(self, serializer: BaseSerializer[PushSubscription]) -> None:
        """Add a browser.

        One that is known already gets this owner, as another person may use it now.
        """
        found = dict(serializer.validated_data)
        endpoint = found.pop("endpoint")
        owner, others = get_user(self.request), self.get_queryset().exclude(endpoint=endpoint)
        choices = {"label": "", **found, "owner": owner}
        with enforce_api_limit(owner, others, conf.SUBSCRIPTIONS_PER_PERSON):
            serializer.instance, _ = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=choices)


class PushKeyView(APIView):
    """The key of this installation."""

    @extend_schema(summary="Show the key for Web Push", responses={200: PushKeySerializer, **schema.READING})
    def get(self, _request: Request) -> Response:
        """What a browser asks for when it subscribes."""
        return Response({"key": push_channel.read_public_key()})
