"""Web Push: only the browser can read it.

The push service knows who sends.
"""

import json
import stat
from base64 import urlsafe_b64encode
from datetime import timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from py_vapid import Vapid02

from notifications import backlog, conf
from notifications.channels.push import push_channel
from notifications.delivery_queue import DELIVERIES
from notifications.models import Attempt, Delivery, NotificationPreferences, PushSubscription

pytestmark = pytest.mark.django_db
SECRET = bytes(range(16))


def encode(content):
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Browser:
    """A browser's part: it has a key and decrypts its messages."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())

    def read(self, body):
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=SECRET, version="aes128gcm"))

    def describe(self, endpoint):
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": endpoint, "p256dh": encode(point), "auth": encode(SECRET)}


@pytest.fixture
def reader():
    return Browser()


@pytest.fixture
def subscription(owner, receiver, reader):
    return owner.push_subscriptions.create(**reader.describe(receiver.url))


def test_the_browser_reads_what_was_sent_and_the_service_knows_by_whom(
    subscription, receiver, reader, notify, deliver, done
):
    notify()
    assert [delivery.state for delivery in deliver()] == ["delivered"]
    _, headers, body = receiver.requests[0]
    message = reader.read(body)
    assert message == {
        "type": "job.completed",
        "data": {"job": str(done.pk), "title": "Interview", "url": f"/jobs/{done.pk}/"},
    }
    assert b"Interview" not in body
    assert Vapid02.verify(headers["Authorization"])
    assert headers["Authorization"].endswith(push_channel.read_public_key())
    assert (headers["Content-Encoding"], int(headers["TTL"]) > 0) == ("aes128gcm", True)


def test_the_key_is_made_once_and_read_by_its_owner_alone():
    first = push_channel.read_public_key()
    file = conf.get_vapid_file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert push_channel.read_public_key() == first
    file.unlink()
    assert push_channel.read_public_key() != first


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_left_is_forgotten(subscription, receiver, notify, deliver, status):
    receiver.status = status
    notify()
    deliver()
    assert PushSubscription.objects.count() == 0
    # What was sent to it stays in the log.
    assert Attempt.objects.get().status == status


def test_what_waits_for_a_browser_that_was_forgotten_is_given_up(subscription, receiver, notify, deliver):
    notify()
    subscription.delete()
    assert [delivery.state for delivery in deliver()] == ["failed"]
    assert Attempt.objects.get().error == push_channel.FORGOTTEN
    assert receiver.requests == []


def test_a_push_service_that_fails_is_tried_again(subscription, receiver, notify, deliver):
    receiver.status = 500
    notify()
    deliver()
    assert Attempt.objects.count() > 1
    assert PushSubscription.objects.count() == 1


def test_an_endpoint_inside_is_never_called(subscription, receiver, notify, deliver, settings):
    settings.OUTBOUND_ALLOW = []
    notify()
    assert [delivery.state for delivery in deliver()] == ["failed"]
    assert receiver.requests == []


def test_keys_that_are_none_end_the_subscription(subscription, notify, deliver):
    PushSubscription.objects.update(p256dh="AAAA")
    notify()
    deliver()
    assert PushSubscription.objects.count() == 0


def test_preferences_without_an_event_send_nothing(subscription, owner, notify):
    NotificationPreferences.objects.create(owner=owner, on_completed=False)
    assert notify() == 0


def test_a_message_is_not_shown_to_the_next_person_of_a_browser(subscription, stranger, receiver, notify, deliver):
    notify()
    PushSubscription.objects.update(owner=stranger)
    assert [delivery.state for delivery in deliver()] == ["failed"]
    assert Attempt.objects.get().error == push_channel.TAKEN_OVER
    assert receiver.requests == []


def test_signing_out_forgets_this_browser_alone(client, owner, stranger, subscription):
    other = owner.push_subscriptions.create(endpoint="https://push.example/other", p256dh="a", auth="b")
    client.force_login(stranger)
    client.post("/sign-out/", {"endpoint": subscription.endpoint})
    assert PushSubscription.objects.count() == 2
    client.force_login(owner)
    client.post("/sign-out/", {"endpoint": subscription.endpoint})
    assert list(PushSubscription.objects.all()) == [other]
    client.post("/sign-out/", {"endpoint": other.endpoint})
    assert PushSubscription.objects.count() == 1


def test_all_browsers_of_one_push_service_wait_together(subscription, owner, receiver, notify):
    owner.push_subscriptions.create(endpoint=receiver.url + "/other", p256dh="a", auth="b")
    notify()
    until = timezone.now() + timedelta(seconds=60)
    backlog.release(DELIVERIES.claim(), until)
    assert set(Delivery.objects.values_list("runnable_at", flat=True)) == {until}
    assert DELIVERIES.claim() is None
