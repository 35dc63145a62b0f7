"""The settings page: what is chosen, the webhooks with their log, and nothing of anybody else."""

import pytest
from django.urls import reverse

from notifications import conf, outbox, views
from notifications.models import Delivery, PushSubscription, Webhook

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
    answer = mine.post(SETTINGS, {"tell_completed": "on", "tell_in_tab": "on"}, follow=True)
    assert "Your choice was saved." in read(answer)
    owner.refresh_from_db()
    assert (owner.tell_completed, owner.tell_failed, owner.tell_in_tab) == (True, False, True)
    assert '<meta name="notify" content="completed ">' in read(mine.get("/"))


def test_mail_is_offered_where_it_can_be_sent_and_needs_an_address(mine, owner, settings):
    assert "sends no e-mail" in read(mine.get(SETTINGS))
    settings.EMAIL_HOST = "mail.example.org"
    assert 'name="tell_by_mail"' in read(mine.get(SETTINGS))
    assert "Write your e-mail address into your profile first." in read(mine.post(SETTINGS, {"tell_by_mail": "on"}))
    owner.email = "anna@example.org"
    owner.save()
    mine.post(SETTINGS, {"tell_by_mail": "on"})
    owner.refresh_from_db()
    assert owner.tell_by_mail


def test_a_new_webhook_shows_its_secret_once(mine, receiver):
    shown = read(mine.post(f"{SETTINGS}webhooks/", {"url": receiver.url, "on_failed": "on"}))
    webhook = Webhook.objects.get()
    assert webhook.secret in shown
    assert (webhook.on_completed, webhook.on_failed) == (False, True)
    assert webhook.secret not in read(mine.get(reverse("notifications:webhook", args=[webhook.pk])))
    assert receiver.url in read(mine.get(SETTINGS))


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://user:pass@example.org/", "no address", ""])
def test_an_address_that_would_not_be_called_is_refused_at_once(mine, url):
    assert "invalid-feedback" in read(mine.post(f"{SETTINGS}webhooks/", {"url": url}))
    assert Webhook.objects.count() == 0


def test_nobody_has_any_number_of_webhooks(mine, owner, receiver, monkeypatch):
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


def test_a_paused_webhook_says_why_and_is_resumed(mine, webhook, receiver, tell, deliver):
    receiver.status = 410
    tell()
    deliver()
    address = reverse("notifications:webhook", args=[webhook.pk])
    assert "gone for good" in read(mine.get(address))
    assert "Paused" in read(mine.get(SETTINGS))
    assert "called again" in read(mine.post(f"{address}resume/", follow=True))
    webhook.refresh_from_db()
    assert webhook.paused_at is None


def test_a_new_secret_ends_the_old_one(mine, webhook):
    old = webhook.secret
    shown = read(mine.post(reverse("notifications:webhook_secret", args=[webhook.pk])))
    webhook.refresh_from_db()
    assert webhook.secret != old
    assert webhook.secret in shown


def test_what_is_shown_once_has_links_that_lead_on(mine, webhook, monkeypatch):
    monkeypatch.setattr(views, "PAGE_LENGTH", 1)
    outbox.write_test(webhook)
    outbox.write_test(webhook)
    page = reverse("notifications:webhook", args=[webhook.pk])
    shown = read(mine.post(f"{page}secret/"))
    assert f'href="{page}?page=2"' in shown
    assert "data-answers-post" in shown
    assert "data-answers-post" not in read(mine.get(f"{page}?page=2"))


@pytest.mark.parametrize("place", ["webhooks/", "webhooks/{pk}/secret/"])
def test_loaded_anew_they_are_pages_without_secrets(mine, webhook, place):
    answer = mine.get(SETTINGS + place.format(pk=webhook.pk), follow=True)
    assert webhook.secret not in read(answer)
    webhook.refresh_from_db()
    assert Webhook.objects.get().secret == webhook.secret


def test_deleting_asks_first(mine, webhook):
    address = reverse("notifications:webhook_delete", args=[webhook.pk])
    assert "Delete the webhook" in read(mine.get(address))
    assert Webhook.objects.count() == 1
    assert "The webhook was deleted." in read(mine.post(address, follow=True))
    assert Webhook.objects.count() == 0


def test_a_browser_is_forgotten(mine, owner):
    browser = owner.push_subscriptions.create(endpoint="https://push.example/1", p256dh="a", auth="b", label="Firefox")
    assert "Firefox" in read(mine.get(SETTINGS))
    mine.post(reverse("notifications:browser_forget", args=[browser.pk]))
    assert PushSubscription.objects.count() == 0


@pytest.mark.parametrize("name", ["webhook", "webhook_test", "webhook_resume", "webhook_secret", "webhook_delete"])
def test_somebody_elses_webhook_is_not_there(foreign, webhook, name):
    address = reverse(f"notifications:{name}", args=[webhook.pk])
    method = foreign.get if name == "webhook" else foreign.post
    assert method(address).status_code == 404
    assert Webhook.objects.count() == 1


def test_somebody_elses_delivery_and_browser_are_not_there(foreign, webhook, owner):
    delivery = outbox.write_test(webhook)
    browser = owner.push_subscriptions.create(endpoint="https://push.example/1", p256dh="a", auth="b")
    for name, row in (("delivery_resend", delivery), ("browser_forget", browser)):
        assert foreign.post(reverse(f"notifications:{name}", args=[row.pk])).status_code == 404
    assert receiver_is_empty(read(foreign.get(SETTINGS)), webhook)


def receiver_is_empty(shown, webhook):
    return webhook.url not in shown


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_take_as_many_queries_for_any_number(mine, owner, receiver, number, django_assert_num_queries):
    for index in range(number):
        hook = owner.webhooks.create(url=receiver.url)
        owner.push_subscriptions.create(endpoint=f"https://push.example/{index}", p256dh="a", auth="b")
    for _ in range(number):
        delivery = outbox.write_test(hook)
        delivery.tries.create(milliseconds=3, status=200)
    with django_assert_num_queries(6):
        mine.get(SETTINGS)
    with django_assert_num_queries(7):
        mine.get(reverse("notifications:webhook", args=[hook.pk]))


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
