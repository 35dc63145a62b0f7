"""E-mails go through a real mail server, where one is set."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from notifications import backlog, conf, outbox
from notifications.channels.mail.smtp_backend import Backend
from notifications.delivery_queue import DELIVERIES
from notifications.models import Attempt, Circuit, Delivery, NotificationPreferences
from tests.postgres import find_free_port
from tests.waiting import take_time, take_time_in_loop
from transcribe_site.certificate import ensure_certificate

pytestmark = pytest.mark.django_db


class Mailbox:
    """Accepts messages, or answers as configured."""

    def __init__(self):
        self.messages, self.answer, self.verdict = [], "250 OK", "250 OK"
        self.pause = 0.0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        await take_time_in_loop(self.pause)
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the same
        await take_time_in_loop(self.pause)
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return self.verdict


def ask_for_mail(owner):
    owner.email = "anna@example.org"
    owner.save()
    NotificationPreferences.objects.create(owner=owner, by_mail=True)


@pytest.fixture
def mailbox(settings, owner):
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=find_free_port())
    server.start()
    settings.EMAIL_BACKEND = "notifications.channels.mail.smtp_backend.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    ask_for_mail(owner)
    yield mailbox
    server.stop()


def test_an_email_says_what_is_ready_and_nothing_of_the_text(mailbox, notify, deliver, settings, done):
    settings.PUBLIC_URL = "https://transcribe.example.org"
    notify()
    assert [delivery.state for delivery in deliver()] == ["delivered"]
    (message,) = mailbox.messages
    assert (message["Subject"], message["To"]) == ("Your text is ready: Interview", "anna@example.org")
    assert f"https://transcribe.example.org/jobs/{done.pk}/" in message.get_content()


def test_a_title_cannot_become_a_header_and_is_not_escaped(mailbox, notify, deliver, done):
    done.recording.title = "Tom & Jerry\nBcc: all@example.org"
    notify()
    deliver()
    (message,) = mailbox.messages
    assert message["Subject"] == "Your text is ready: Tom & Jerry Bcc: all@example.org"
    assert message["Bcc"] is None
    assert "Open Transcribe to see it." in message.get_content()


def test_a_failed_job_is_notified_of_too(mailbox, notify, deliver, done):
    done.state = "failed"
    notify()
    deliver()
    assert mailbox.messages[0]["Subject"] == "Not transcribed: Interview"


def test_a_refused_address_is_not_tried_again(mailbox, notify, deliver):
    mailbox.answer = "550 no such person"
    notify()
    assert [(delivery.state, delivery.attempts) for delivery in deliver()] == [("failed", 1)]
    assert "refuses this e-mail address" in Attempt.objects.get().error


def test_a_server_that_is_away_is_tried_again(mailbox, notify, deliver, settings):
    settings.EMAIL_PORT = 1
    notify()
    assert deliver()[0].attempts > 1
    assert Circuit.objects.get().failures > 1


@pytest.mark.parametrize("change", [{"by_mail": False}, {"on_completed": False}])
def test_mail_needs_the_preferences_for_it(mailbox, notify, owner, change):
    NotificationPreferences.objects.filter(owner=owner).update(**change)
    assert notify() == 0


def test_mail_needs_an_address(mailbox, notify, owner):
    owner.email = ""
    owner.save()
    assert notify() == 0


def test_an_address_that_was_taken_back_meanwhile_gets_nothing(mailbox, notify, deliver, owner):
    notify()
    type(owner).objects.update(email="")
    assert deliver()[0].state == "failed"
    assert mailbox.messages == []


def test_without_a_mail_server_there_is_no_mail(notify, owner, settings):
    settings.EMAIL_HOST = ""
    ask_for_mail(owner)
    assert notify() == 0


@pytest.mark.parametrize(
    ("answer", "state"), [("450 4.2.0 greylisted, try again later", "waiting"), ("550 no such person", "failed")]
)
def test_only_a_lasting_refusal_of_an_address_is_the_last_word(mailbox, notify, deliver, monkeypatch, answer, state):
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    mailbox.answer = answer
    notify()
    assert [delivery.state for delivery in deliver()] == [state]
    assert f"({answer[:3]})" in Attempt.objects.get().error
    # Neither is the fault of the server.
    assert not Circuit.objects.exists()


@pytest.mark.parametrize(("answer", "state"), [("452 busy", "waiting"), ("552 too large", "failed")])
def test_a_refused_message_closes_the_way_for_no_other(mailbox, notify, deliver, monkeypatch, answer, state):
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    mailbox.verdict = answer
    notify()
    assert [delivery.state for delivery in deliver()] == [state]
    assert not Circuit.objects.exists()


def test_a_mail_server_that_drags_on_is_left_before_its_lease_ends(mailbox, notify, deliver, monkeypatch):
    monkeypatch.setattr(conf, "MAIL_DEADLINE_SECONDS", 0.5)
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    mailbox.pause = 0.4
    started_at = time.monotonic()
    notify()
    assert [delivery.state for delivery in deliver()] == ["waiting"]
    assert time.monotonic() - started_at < 3
    assert Circuit.objects.get().failures == 1


def test_the_lease_of_a_mail_is_longer_than_its_deadline(mailbox, notify):
    notify()
    DELIVERIES.claim()
    left = Delivery.objects.get().lease_expires_at - timezone.now()
    assert left.total_seconds() > conf.MAIL_DEADLINE_SECONDS + 10


@pytest.fixture
def drag():
    """Return a starter of a server with a very slow greeting.

    It sends a byte now and then; the starter returns its port.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def greet():
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    for byte in b"220 " + b"x" * 200:
                        client.sendall(bytes([byte]))
                        take_time(0.05)

    threading.Thread(target=greet, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def test_a_greeting_that_drips_is_left_as_well(mailbox, notify, deliver, monkeypatch, settings, drag):
    """Django does not know of its connection yet."""
    settings.EMAIL_PORT = drag
    monkeypatch.setattr(conf, "MAIL_DEADLINE_SECONDS", 0.5)
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    started_at = time.monotonic()
    notify()
    assert [delivery.state for delivery in deliver()] == ["waiting"]
    assert time.monotonic() - started_at < 4


def test_a_mail_server_whose_name_is_not_known_is_tried_again(mailbox, notify, deliver, monkeypatch, settings):
    settings.EMAIL_HOST = "nowhere.invalid"
    monkeypatch.setattr(conf, "RETRY_SECONDS", (600.0,))
    notify()
    assert [delivery.state for delivery in deliver()] == ["waiting"]
    assert Circuit.objects.get().failures == 1


def test_a_slow_mail_lets_what_goes_elsewhere_go_first(mailbox, notify, owner, receiver, monkeypatch):
    notify()
    notify()
    outbox.write_test(owner.webhooks.create(url=receiver.url))
    monkeypatch.setattr(conf, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(
        backlog, "now_in_database", lambda seconds=0.0: timezone.now() + timedelta(seconds=seconds and 60)
    )
    called = []
    while lease := DELIVERIES.claim():
        called.append(lease.row.channel)
        DELIVERIES.run(lease)
    assert called == ["mail", "webhook"]
    assert Delivery.objects.filter(state="waiting").count() == 1


def test_mail_goes_over_an_encrypted_connection_where_it_is_asked_for(
    owner, settings, notify, deliver, tmp_path, monkeypatch
):
    certificate = ensure_certificate(tmp_path, ["127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=find_free_port(), ssl_context=context)
    server.start()
    monkeypatch.setattr(Backend, "ssl_context", ssl.create_default_context(cafile=certificate.certificate))
    settings.EMAIL_BACKEND = "notifications.channels.mail.smtp_backend.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = (
        "127.0.0.1",
        server.port,
        False,
        True,
    )
    ask_for_mail(owner)
    notify()
    assert [delivery.state for delivery in deliver()] == ["delivered"]
    server.stop()
