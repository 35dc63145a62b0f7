"""The settings page: choices and webhooks with their log.

Nothing of another person appears.
"""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications import backlog, conf, outbox, views
from notifications.delivery_queue import DELIVERIES
from notifications.models import Delivery, PushSubscription, Webhook
from notifications.preferences import get_preferences

pytestmark = pytest.mark.django_db
SETTINGS = "/settings/notifications/"


@pytest.fixture
def mine(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def foreign(client, stranger):
    client.force_login(stranger)
    return client


def read(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_choice_is_saved_and_the_pages_know_it(mine, owner):
    assert 'name="notify"' not in read(mine.get("/"))
    answer = mine.post(SETTINGS, {"on_completed": "on", "in_tab": "on"}, follow=True)
    assert "Your choice was saved." in read(answer)
    preferences = get_preferences(owner)
    assert (preferences.on_completed, preferences.on_failed, preferences.in_tab) == (True, False, True)
    assert '<meta name="notify" content="completed ">' in read(mine.get("/"))


def test_mail_is_offered_where_it_can_be_sent_and_needs_an_address(mine, owner, settings):
    assert "sends no e-mail" in read(mine.get(SETTINGS))
    settings.EMAIL_HOST = "mail.example.org"
    assert 'name="by_mail"' in read(mine.get(SETTINGS))
    assert "Write your e-mail address into your profile first." in read(mine.post(SETTINGS, {"by_mail": "on"}))
    owner.email = "anna@example.org"
    owner.save()
    mine.post(SETTINGS, {"by_mail": "on"})
    assert get_preferences(owner).by_mail


def test_a_new_webhook_shows_its_secret_once(mine, receiver):
    shown = read(mine.post(f"{SETTINGS}webhooks/", {"url": receiver.url, "on_failed": "on"}, follow=True))
    webhook = Webhook.objects.get()
    assert webhook.secret in shown
    assert (webhook.on_completed, webhook.on_failed) == (False, True)
    assert webhook.secret not in read(mine.get(reverse("notifications:webhook", args=[webhook.pk])))
    assert receiver.url in read(mine.get(SETTINGS))


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://user:pass@example.org/", "no address", ""])
def test_an_address_that_would_not_be_called_is_refused_at_once(mine, url):
    assert "invalid-feedback" in read(mine.post(f"{SETTINGS}webhooks/", {"url": url}))
    assert Webhook.objects.count() == 0


def test_the_number_of_webhooks_is_limited(mine, owner, receiver, monkeypatch):
    monkeypatch.setattr(conf, "WEBHOOKS_PER_PERSON", 1)
    owner.webhooks.create(url=receiver.url)
    assert "Delete one first." in read(mine.post(f"{SETTINGS}webhooks/", {"url": receiver.url}))


def test_a_test_is_sent_logged_and_sent_again(mine, webhook, receiver, deliver):
    address = reverse("notifications:webhook", args=[webhook.pk])
    assert "A test is being sent." in read(mine.post(f"{address}test/", follow=True))
    deliver()
    shown = read(mine.get(address))
    assert "Delivered" in shown
    assert "answered with 200" in shown
    delivery = Delivery.objects.get()
    again = mine.post(reverse("notifications:delivery_resend", args=[delivery.pk]), follow=True)
    assert "It is sent again." in read(again)
    deliver()
    assert len(receiver.requests) == 2


def test_a_paused_webhook_says_why_and_is_resumed(mine, webhook, receiver, notify, deliver):
    receiver.status = 410
    notify()
    deliver()
    address = reverse("notifications:webhook", args=[webhook.pk])
    assert "gone for good" in read(mine.get(address))
    assert "Paused" in read(mine.get(SETTINGS))
    assert "called again" in read(mine.post(f"{address}resume/", follow=True))
    webhook.refresh_from_db()
    assert webhook.paused_at is None


@pytest.mark.parametrize(("form", "is_kept"), [({}, True), ({"revoke_old": "on"}, False)])
def test_a_new_secret_is_asked_for_and_shown_once(mine, webhook, form, is_kept):
    old, address = webhook.secret, reverse("notifications:webhook_secret", args=[webhook.pk])
    assert "signed by both" in read(mine.get(address))
    webhook.refresh_from_db()
    assert webhook.secret == old
    shown = read(mine.post(address, form, follow=True))
    webhook.refresh_from_db()
    assert webhook.secret != old
    assert webhook.secret in shown
    assert ("signed by the old secret as well until" in shown) == is_kept
    assert ("ends with this" in read(mine.get(address))) == is_kept
    assert webhook.secret not in read(mine.get(reverse("notifications:webhook", args=[webhook.pk])))


def test_the_log_goes_on_over_pages(mine, webhook, monkeypatch):
    monkeypatch.setattr(views, "PAGE_LENGTH", 1)
    keys = {str(outbox.write_test(webhook).pk) for _ in range(3)}
    address, found = reverse("notifications:webhook", args=[webhook.pk]), []
    while address:
        answer = mine.get(address)
        found += [str(delivery.pk) for delivery in answer.context["page"]]
        older = answer.context["older"]
        address = f"{answer.request['PATH_INFO']}?{urlencode({'before': older})}" if older else ""
    assert (len(found), set(found)) == (3, keys)


def test_refused_it_is_a_page_that_answers_a_form(mine):
    assert "data-answers-post" in read(mine.post(f"{SETTINGS}webhooks/", {"url": ""}))
    assert "data-answers-post" not in read(mine.get(f"{SETTINGS}webhooks/", follow=True))


def get_part(client, webhook, etag=""):
    return client.get(reverse("notifications:fragment_webhook", args=[webhook.pk]), headers={"If-None-Match": etag})


def test_the_part_of_the_page_that_changes_says_how_each_call_goes(mine, webhook, receiver, monkeypatch):
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    outbox.write_test(webhook)
    waiting = get_part(mine, webhook)
    assert ("Waiting" in read(waiting), "data-active" in read(waiting)) == (True, True)
    assert get_part(mine, webhook, waiting["ETag"]).status_code == 304
    delivery = DELIVERIES.claim()
    assert "Sending" in read(get_part(mine, webhook, waiting["ETag"]))
    receiver.status = 400
    DELIVERIES.run(delivery)
    assert re.search(r"Next try <time [^>]*>in (8|9|1\d) min</time>", read(get_part(mine, webhook)))
    Webhook.objects.update(paused_at=timezone.now())
    assert "Waits until the webhook is resumed" in read(get_part(mine, webhook))
    backlog.resume(webhook)
    receiver.status = 200
    DELIVERIES.run(DELIVERIES.claim())
    assert ("Delivered" in read(get_part(mine, webhook)), "data-active" in read(get_part(mine, webhook))) == (
        True,
        False,
    )


def test_the_part_is_for_who_is_signed_in_alone(client, foreign, webhook):
    assert get_part(foreign, webhook).status_code == 404
    client.logout()
    assert get_part(client, webhook).status_code == 401


def test_deleting_asks_first(mine, webhook):
    address = reverse("notifications:webhook_delete", args=[webhook.pk])
    assert "Delete the webhook" in read(mine.get(address))
    assert Webhook.objects.count() == 1
    assert "The webhook was deleted." in read(mine.post(address, follow=True))
    assert Webhook.objects.count() == 0


def test_failed_notifications_are_shown(mine, owner, settings):
    row = outbox.build(owner.pk, "job.completed", {"data": {"title": "Interview"}})
    row.state = "failed"
    row.save()
    row.tries.create(milliseconds=5, error="The mail server refuses this e-mail address (550).")
    shown = read(mine.get(SETTINGS))
    assert "Text is ready: Interview" in shown
    assert "The mail server refuses this e-mail address (550)." in shown


def test_a_browser_is_forgotten(mine, owner):
    browser = owner.push_subscriptions.create(endpoint="https://push.example/1", p256dh="a", auth="b", label="Firefox")
    assert "Firefox" in read(mine.get(SETTINGS))
    mine.post(reverse("notifications:browser_forget", args=[browser.pk]))
    assert PushSubscription.objects.count() == 0


@pytest.mark.parametrize("name", ["webhook", "webhook_test", "webhook_resume", "webhook_secret", "webhook_delete"])
def test_another_persons_webhook_is_not_there(foreign, webhook, name):
    address = reverse(f"notifications:{name}", args=[webhook.pk])
    method = foreign.get if name == "webhook" else foreign.post
    assert method(address).status_code == 404
    assert Webhook.objects.count() == 1


def test_another_persons_delivery_and_browser_are_not_there(foreign, webhook, owner):
    delivery = outbox.write_test(webhook)
    browser = owner.push_subscriptions.create(endpoint="https://push.example/1", p256dh="a", auth="b")
    for name, row in (("delivery_resend", delivery), ("browser_forget", browser)):
        assert foreign.post(reverse(f"notifications:{name}", args=[row.pk])).status_code == 404
    assert webhook.url not in read(foreign.get(SETTINGS))


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_take_as_many_queries_for_any_number(mine, owner, receiver, number, django_assert_num_queries):
    for index in range(number):
        hook = owner.webhooks.create(url=receiver.url)
        owner.push_subscriptions.create(endpoint=f"https://push.example/{index}", p256dh="a", auth="b")
    for _ in range(number):
        delivery = outbox.write_test(hook)
        delivery.tries.create(milliseconds=3, status=200)
        failed = outbox.build(owner.pk, "test", {})
        failed.state = "failed"
        failed.save()
        failed.tries.create(milliseconds=3, error="no")
    get_preferences(owner)
    with django_assert_num_queries(9):
        mine.get(SETTINGS)
    with django_assert_num_queries(7):
        mine.get(reverse("notifications:webhook", args=[hook.pk]))
    with django_assert_num_queries(5):
        get_part(mine, hook)


def test_the_admin_shows_all_of_it_and_no_secret(admin_client, webhook, owner):
    outbox.write_test(webhook)
    owner.push_subscriptions.create(endpoint="https://push.example/1", p256dh="secret-a", auth="secret-b")
    for name in ("delivery", "webhook", "pushsubscription", "circuit"):
        shown = read(admin_client.get(f"/admin/notifications/{name}/"))
        assert f"/admin/notifications/{name}/add/" not in shown
    shown = read(admin_client.get(f"/admin/notifications/webhook/{webhook.pk}/change/"))
    assert webhook.secret not in shown
    shown = read(admin_client.get(f"/admin/notifications/delivery/{Delivery.objects.get().pk}/change/"))
    assert "test" in shown
