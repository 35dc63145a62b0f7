"""The settings page of notifications, and the page of each webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.one_time_secrets import read_one_time_secret, redirect_showing_once, shows_one_time_secret
from accounts.sign_ins import get_person
from foundation.http.conditional_fragments import answer_fragment
from foundation.http.cursors import decode_cursor, take_page
from jobs.domain.reading.queries import hash_lines
from jobs.submit_throttle import refuse_excess
from jobs.web.access import require_person
from notifications import backlog, conf, outbox, settling
from notifications.channels.push import push_channel
from notifications.channels.webhook import webhook_signatures
from notifications.forms import NotificationPreferencesForm, WebhookForm
from notifications.models import Channel, Delivery, DeliveryState, PushSubscription, Webhook
from notifications.preferences import get_preferences
from notifications.row_limits import TooMany, enforce_limit

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

PAGE_LENGTH = 25
FAILED_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def show_settings(request: HttpRequest) -> HttpResponse:
    """Show the notification preferences of a person, or save them."""
    form = NotificationPreferencesForm(request.POST or None, instance=get_preferences(get_person(request)))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your choice was saved.")
        return redirect("notifications:settings")
    return render_settings(request, form=form)


def render_settings(request: HttpRequest, form: NotificationPreferencesForm | None = None, **more: Any) -> HttpResponse:
    """Return the settings page, with refused forms among `form` and `more`."""
    person = get_person(request)
    context = {
        "section": "notifications",
        "form": form or NotificationPreferencesForm(instance=get_preferences(person)),
        "webhook_form": WebhookForm(),
        "webhooks": person.webhooks.all(),
        "browsers": person.push_subscriptions.all(),
        "push_key": push_channel.read_public_key(),
        "has_mail": conf.has_mail(),
        "failed_notifications": list_failed_notifications(person),
        **more,
    }
    return render(request, "notifications/settings.html", context)


def list_failed_notifications(person: User) -> list[Delivery]:
    """Return the newest FAILED_SHOWN failed notifications, each with its tries.

    They are e-mails and messages to browsers: webhooks have a log of their own.
    """
    failed = Delivery.objects.filter(owner=person, state=DeliveryState.FAILED).exclude(channel=Channel.WEBHOOK)
    return list(failed.prefetch_related("tries")[:FAILED_SHOWN])


@require_http_methods(["GET", "HEAD", "POST"])
def add_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook and redirect to its page, showing the secret once."""
    if request.method != "POST":
        return redirect("notifications:settings")
    form, person = WebhookForm(request.POST), get_person(request)
    if form.is_valid():
        try:
            with enforce_limit(person, person.webhooks.all(), conf.WEBHOOKS_PER_PERSON):
                form.instance.owner = person
                form.save()
        except TooMany as error:
            form.add_error(None, str(error))
    return show_secret(request, form.instance) if form.is_valid() else render_settings(request, webhook_form=form)


def show_secret(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    """Redirect to the page of a webhook, which shows its secret once."""
    return redirect_showing_once(request, reverse("notifications:webhook", args=[webhook.pk]), value=webhook.secret)


@shows_one_time_secret
@require_safe
def show_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a webhook with the log of its deliveries."""
    webhook = find_webhook(request, pk)
    context = {"section": "notifications", "shown": read_one_time_secret(request), **build_fragment(request, webhook)}
    return render(request, "notifications/webhook.html", context)


@require_safe
@require_person
def show_webhook_fragment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the fragment of a webhook's page that changes by itself."""
    return answer_fragment(
        request, "notifications/_webhook_fragment.html", build_fragment(request, find_webhook(request, pk))
    )


def build_fragment(request: HttpRequest, webhook: Webhook) -> dict[str, Any]:
    """Return the context of `notifications/_webhook_fragment.html`.

    It is the webhook and a page of its log, newest first.
    """
    cursor = decode_cursor(request.GET.get("before", ""))
    page, older = take_page(webhook.deliveries.prefetch_related("tries"), cursor, size=PAGE_LENGTH)
    rows = [f"{row.pk} {row.state} {row.attempts} {row.runnable_at} {row.is_scheduled}" for row in page]
    return {
        "webhook": webhook,
        "page": page,
        "older": older,
        "is_first": cursor is None,
        "is_active": any(is_under_way(row, webhook) for row in page),
        "query": request.GET.urlencode(),
        "etag": hash_lines([webhook.url, str(webhook.paused_at), str(webhook.has_old_secret), older, *rows]),
    }


def is_under_way(delivery: Delivery, webhook: Webhook) -> bool:
    """Whether a delivery is being sent, or about to be."""
    is_next = delivery.state == DeliveryState.WAITING and not delivery.is_scheduled and not webhook.paused_at
    return is_next or delivery.state == DeliveryState.SENDING


@require_POST
def send_test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a test."""
    if refused := refuse_excess(request):
        return refused
    outbox.write_test(find_webhook(request, pk))
    messages.success(request, "A test is being sent. Its outcome appears below in a moment.")
    return redirect("notifications:webhook", pk)


@require_POST
def resume_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call a paused webhook again."""
    backlog.resume(find_webhook(request, pk))
    messages.success(request, "The webhook is called again, with what has waited for it.")
    return redirect("notifications:webhook", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def renew_secret(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask whether to make a new secret, and do it.

    The webhook's page shows it once.
    """
    webhook = find_webhook(request, pk)
    if request.method != "POST":
        context = {"section": "notifications", "webhook": webhook}
        return render(request, "notifications/webhook_secret.html", context)
    webhook_signatures.renew_secret(webhook, revoke_old="revoke_old" in request.POST)
    return show_secret(request, webhook)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask whether to delete a webhook, and do it."""
    webhook = find_webhook(request, pk)
    if request.method != "POST":
        context = {"section": "notifications", "webhook": webhook}
        return render(request, "notifications/webhook_delete.html", context)
    webhook.delete()
    messages.success(request, "The webhook was deleted.")
    return redirect("notifications:settings")


@require_POST
def resend_delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a delivery to a webhook once more."""
    if refused := refuse_excess(request):
        return refused
    own = Delivery.objects.filter(owner=get_person(request), webhook__isnull=False)
    delivery = get_object_or_404(own, pk=pk)
    if settling.send_again(delivery):
        messages.success(request, "It is sent again. The outcome appears below in a moment.")
    return redirect("notifications:webhook", delivery.webhook_id)


@require_POST
def forget_browser(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a browser of this person."""
    get_object_or_404(PushSubscription, pk=pk, owner=get_person(request)).delete()
    messages.success(request, "That browser gets no notifications any more.")
    return redirect("notifications:settings")


def find_webhook(request: HttpRequest, pk: UUID) -> Webhook:
    """Return the person's webhook.

    Raises:
        Http404: it is not one of theirs.
    """
    return get_object_or_404(Webhook, pk=pk, owner=get_person(request))
