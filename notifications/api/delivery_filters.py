"""What the list of deliveries can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from notifications.models import Channel, Delivery, DeliveryState, Event


class DeliveryFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Narrows deliveries down by state and by what they belong to."""

    state = filters.ChoiceFilter(choices=DeliveryState.choices)
    channel = filters.ChoiceFilter(choices=Channel.choices)
    event = filters.ChoiceFilter(choices=Event.choices)
    webhook = filters.UUIDFilter(field_name="webhook")
    job = filters.UUIDFilter(field_name="job_id")

    class Meta:
        model = Delivery
        fields = ("state", "channel", "event", "webhook", "job")
