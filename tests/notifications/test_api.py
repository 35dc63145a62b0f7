"""The same over the API; who may see what is in tests/jobs/api/test_access.py."""

import pytest
from rest_framework.test import APIClient

from jobs.submit_throttle import SubmitThrottle
from notifications import conf, outbox
from notifications.models import Delivery, PushSubscription, Webhook
from tests.notifications.test_push import Browser

pytestmark = pytest.mark.django_db
ROOT = "/api/notifications"


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def foreign_api(stranger):
    client = APIClient()
    client.force_authenticate(stranger)
    return client


def test_settings_are_shown_and_changed(api, owner, settings):
    assert api.get(f"{ROOT}/preferences/").json() == {
        "on_completed": True,
        "on_failed": True,
        "in_tab": False,
        "by_mail": False,
    }
    assert api.patch(f"{ROOT}/preferences/", {"on_failed": False}).json()["on_failed"] is False
    refused = api.patch(f"{ROOT}/preferences/", {"by_mail": True})
    assert "sends no e-mail" in refused.json()["errors"]["by_mail"][0]
    settings.EMAIL_HOST = "mail.example.org"
    refused = api.patch(f"{ROOT}/preferences/", {"by_mail": True})
    assert "profile first" in refused.json()["errors"]["by_mail"][0]
    owner.email = "anna@example.org"
    owner.save()
    assert api.patch(f"{ROOT}/preferences/", {"by_mail": True}).json()["by_mail"]


def test_a_webhook_lives_and_its_secret_is_shown_twice_at_most(api, receiver):
    made = api.post(f"{ROOT}/webhooks/", {"url": receiver.url})
    assert made.status_code == 201
    assert (made.json()["on_completed"], made.json()["on_failed"]) == (True, True)
    address = f"{ROOT}/webhooks/{made.json()['id']}/"
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in api.get(address).json()
    assert api.patch(address, {"on_failed": False}).json()["on_failed"] is False
    renewed = api.post(f"{address}secret/").json()
    assert (renewed["secret"] != made.json()["secret"], bool(renewed["old_secret_until"])) == (True, True)
    assert api.post(f"{address}secret/", {"revoke_old": True}).json()["old_secret_until"] is None
    assert api.post(f"{address}secret/", {"revoke_old": "perhaps"}).status_code == 400
    assert api.get(f"{ROOT}/webhooks/").json()["results"][0]["url"] == receiver.url
    assert api.delete(address).status_code == 204
    assert Webhook.objects.count() == 0


def test_a_private_address_is_refused_with_what_to_do(api):
    refused = api.post(f"{ROOT}/webhooks/", {"url": "http://192.168.1.1/"})
    assert refused.status_code == 400
    assert "TRANSCRIBE_OUTBOUND_ALLOW" in refused.json()["errors"]["url"][0]


def test_one_too_many_is_refused(api, receiver, monkeypatch):
    monkeypatch.setattr(conf, "WEBHOOKS_PER_PERSON", 0)
    refused = api.post(f"{ROOT}/webhooks/", {"url": receiver.url})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_targets")


def test_a_test_is_delivered_and_its_log_read(api, webhook, deliver):
    sent = api.post(f"{ROOT}/webhooks/{webhook.pk}/test/")
    assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
    address = f"{ROOT}/deliveries/{sent.json()['id']}/"
    refused = api.post(f"{address}resend/")
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery_open")
    deliver()
    shown = api.get(address).json()
    assert (shown["state"], [one["status"] for one in shown["tries"]]) == ("delivered", [200])
    assert (bool(sent.json()["next_try_at"]), shown["next_try_at"]) == (True, None)
    assert api.post(f"{address}resend/").json()["state"] == "waiting"
    assert len(api.get(f"{ROOT}/deliveries/").json()["results"]) == 1


def test_a_paused_webhook_is_resumed(api, webhook, receiver, notify, deliver):
    receiver.status = 410
    notify()
    deliver()
    assert api.get(f"{ROOT}/webhooks/{webhook.pk}/").json()["paused_at"]
    assert api.post(f"{ROOT}/webhooks/{webhook.pk}/resume/").json()["paused_at"] is None


def test_a_browser_subscribes_and_moves_to_the_person_who_uses_it(api, foreign_api, receiver):
    known = Browser().describe(receiver.url)
    made = api.post(f"{ROOT}/browsers/", known)
    assert made.status_code == 201
    assert "auth" not in made.json()
    assert foreign_api.post(f"{ROOT}/browsers/", known).status_code == 201
    assert PushSubscription.objects.get().owner.username == "boris"
    assert api.get(f"{ROOT}/browsers/").json()["results"] == []
    # Once more: it is known, and what waits for it waits on.
    assert foreign_api.post(f"{ROOT}/browsers/", known).json()["id"] == str(PushSubscription.objects.get().pk)
    assert len(api.get(f"{ROOT}/push-key/").json()["key"]) == 87


@pytest.mark.parametrize(
    "change", [{"p256dh": "AAAA"}, {"p256dh": "B" + "A" * 86}, {"auth": "no base64!"}, {"endpoint": "http://10.0.0.1/"}]
)
def test_a_browser_that_makes_no_sense_is_refused(api, receiver, change):
    known = Browser().describe(receiver.url)
    api.post(f"{ROOT}/browsers/", known)
    assert api.post(f"{ROOT}/browsers/", {**known, **change}).status_code == 400
    assert PushSubscription.objects.count() == 1


def test_the_log_is_narrowed_down(api, owner, webhook, receiver, notify):
    other = owner.webhooks.create(url=receiver.url)
    notify()
    outbox.write_test(other)
    job = Delivery.objects.filter(webhook=webhook).get().job_id

    def count(**query):
        return len(api.get(f"{ROOT}/deliveries/", query).json()["results"])

    assert (count(), count(webhook=other.pk), count(event="test"), count(job=job)) == (3, 2, 1, 2)
    assert (count(state="failed"), count(channel="webhook", state="waiting"), count(channel="mail")) == (0, 3, 0)


@pytest.mark.parametrize("query", [{"state": "odd"}, {"webhook": "x"}, {"sate": "failed"}])
def test_a_filter_that_makes_no_sense_is_refused(api, query):
    refused = api.get(f"{ROOT}/deliveries/", query)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, list(query))


@pytest.mark.parametrize("number", [1, 3])
def test_the_log_takes_as_many_queries_for_any_number(api, webhook, number, django_assert_num_queries):
    for _ in range(number):
        outbox.write_test(webhook).tries.create(milliseconds=1, status=200)
    assert Delivery.objects.count() == number
    with django_assert_num_queries(2):
        api.get(f"{ROOT}/deliveries/")


def test_tests_are_counted_as_what_else_is_started(api, webhook, monkeypatch):
    monkeypatch.setattr(SubmitThrottle, "get_rate", lambda _throttle: "1/minute")
    statuses = [api.post(f"{ROOT}/webhooks/{webhook.pk}/test/").status_code for _ in range(2)]
    assert statuses == [202, 429]
