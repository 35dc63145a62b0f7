"""Webhooks are called with a signature, and again when that fails.

They are paused when they keep failing.
"""

import json
import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from foundation.database import leased_queue, wakeup
from foundation.database.leased_rows import LeaseLost
from jobs.domain.lifecycle import transitions
from jobs.models import Job
from notifications import (
    backlog,
    circuit,
    conf,
    delivery_queue,
    outbox,
    send,
    settling,
    signal_handlers,
    targets,
)
from notifications.channels.webhook import webhook_channel, webhook_signatures
from notifications.delivery_queue import DELIVERIES
from notifications.forms import WebhookForm
from notifications.models import Attempt, Circuit, Delivery, Webhook
from notifications.outcome import Outcome
from notifications.preferences import get_preferences

pytestmark = pytest.mark.django_db
REAL_LIMIT = conf.get_sending_limit


def list_states(deliveries):
    return [(delivery.state, delivery.attempts) for delivery in deliveries]


def verify(webhook, request):
    """Return what was sent, if the signature is right."""
    _, headers, body = request
    return Verifier(webhook.secret).verify(body, headers)


def test_the_call_is_signed_and_says_which_job(webhook, receiver, notify, deliver, done):
    assert notify() == 1
    assert list_states(deliver()) == [("delivered", 1)]
    message = verify(webhook, receiver.requests[0])
    assert (message["type"], message["data"]["job"], message["data"]["title"]) == (
        "job.completed",
        str(done.pk),
        "Interview",
    )
    assert message["data"]["links"]["page"] == f"/jobs/{done.pk}/"
    assert "text" not in json.dumps(message)


def test_links_have_the_public_address_where_it_is_known(webhook, receiver, notify, deliver, settings, done):
    settings.PUBLIC_URL = "https://transcribe.example.org/"
    notify()
    deliver()
    message = verify(webhook, receiver.requests[0])
    assert message["data"]["links"]["page"] == f"https://transcribe.example.org/jobs/{done.pk}/"


def test_a_notification_is_written_in_the_transaction_that_ends_the_job(owner, webhook, make_recording):
    job = Job.objects.create(owner=owner, recording=make_recording(), state="processing")
    transitions.fail_job(job, "engine_crashed", "It broke.")
    delivery = Delivery.objects.get()
    assert (delivery.event, delivery.job_id, delivery.body["data"]["error_code"]) == (
        "job.failed",
        job.pk,
        "engine_crashed",
    )


def test_a_cancelled_job_sends_no_notification(owner, webhook, make_recording):
    job = Job.objects.create(owner=owner, recording=make_recording(), state="processing")
    transitions.cancel_active_job(job, owner, "not needed")
    assert Delivery.objects.count() == 0


def test_a_fault_of_ours_does_not_keep_a_job_from_ending(owner, webhook, make_recording, monkeypatch, caplog):
    def fail(_job):
        Webhook.objects.create(pk=webhook.pk)

    monkeypatch.setattr(outbox, "write_for_job", fail)
    job = Job.objects.create(owner=owner, recording=make_recording(), state="processing")
    transitions.complete_job(job)
    assert Job.objects.get().state == "completed"
    assert signal_handlers.notify_job_ended.__name__ in caplog.text


@pytest.mark.parametrize(("on_completed", "on_failed", "number"), [(True, False, 1), (False, True, 0)])
def test_only_chosen_events_are_notified(webhook, notify, on_completed, on_failed, number):
    Webhook.objects.update(on_completed=on_completed, on_failed=on_failed)
    assert notify() == number


def test_each_try_has_the_same_id_and_is_logged(webhook, receiver, notify):
    notify()
    for receiver.status in (503, 503, 200):
        delivery = DELIVERIES.claim()
        DELIVERIES.run(delivery)
    assert list_states(Delivery.objects.all()) == [("delivered", 3)]
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1
    assert list(Attempt.objects.values_list("status", "error")) == [
        (503, "It answered with 503."),
        (503, "It answered with 503."),
        (200, ""),
    ]


def test_it_is_given_up_after_the_last_try(webhook, receiver, notify, deliver):
    receiver.status = 400
    notify()
    assert list_states(deliver()) == [("failed", len(conf.RETRY_SECONDS) + 1)]


def test_a_wish_to_be_left_alone_is_heeded(webhook, receiver, notify, deliver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    notify()
    (delivery,) = deliver()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert delivery.runnable_at > timezone.now() + timedelta(seconds=500)


def test_the_waits_grow(webhook, receiver, notify, deliver, monkeypatch):
    monkeypatch.setattr(conf, "RETRY_SECONDS", (100.0, 1000.0))
    receiver.status = 500
    waits = []
    notify()
    for _ in range(2):
        (delivery,) = deliver()
        waits.append((delivery.runnable_at - timezone.now()).total_seconds())
        Delivery.objects.update(runnable_at=timezone.now())
    assert 75 < waits[0] < 125
    assert 750 < waits[1] < 1250


def test_a_private_address_behind_a_redirect_is_never_called(webhook, receiver, notify, deliver, settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    receiver.status, receiver.headers = 307, {"Location": "http://169.254.169.254/latest/meta-data"}
    notify()
    deliver()
    assert "not public" in Attempt.objects.first().error


def test_a_moved_address_is_said(webhook, receiver, notify, deliver):
    receiver.status, receiver.headers = 301, {"Location": "/new"}
    notify()
    deliver()
    assert "Use the address that it leads to" in Attempt.objects.first().error


def test_a_webhook_that_keeps_failing_is_paused_and_misses_nothing(webhook, receiver, notify, deliver, monkeypatch):
    monkeypatch.setattr(conf, "FAILURES_TO_PAUSE", 2)
    receiver.status = 400
    notify()
    deliver()
    webhook.refresh_from_db()
    assert webhook.paused_at is not None
    assert "2 tries in a row failed" in webhook.pause_reason
    notify()
    assert len(receiver.requests) == 2
    deliver()
    assert len(receiver.requests) == 2
    receiver.status = 200
    backlog.resume(webhook)
    assert [state for state, _ in list_states(deliver())] == ["delivered", "delivered"]
    webhook.refresh_from_db()
    assert (webhook.paused_at, webhook.pause_reason, webhook.failures) == (None, "", 0)


def test_who_says_that_they_are_gone_is_called_no_more(webhook, receiver, notify, deliver):
    receiver.status = 410
    notify()
    assert list_states(deliver()) == [("failed", 1)]
    webhook.refresh_from_db()
    assert "gone for good" in webhook.pause_reason


def test_a_host_that_keeps_failing_is_left_alone_and_tried_by_one(webhook, receiver, notify, deliver, monkeypatch):
    monkeypatch.setattr(conf, "FAILURES_TO_OPEN", 2)
    receiver.status = 500
    notify()
    deliver()
    host = send.find_host(outbox.build(webhook.owner_id, outbox.Event.TEST, {}, webhook=webhook))
    assert len(receiver.requests) == 2
    # It waits, and the wait counts as no try.
    (delivery,) = Delivery.objects.all()
    assert (delivery.state, delivery.attempts) == ("waiting", 2)
    assert delivery.runnable_at == Circuit.objects.get().open_until
    # When the time is over one goes first.
    Circuit.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    assert circuit.admit(host).wait_until is None
    assert circuit.admit(host).wait_until is not None
    circuit.record_success(host)
    assert circuit.admit(host) == circuit.Admission()
    assert not Circuit.objects.exists()


def fail_call(host):
    """Record a failed call that was admitted just now, after an open circuit's wait."""
    Circuit.objects.filter(pk=host).exclude(open_until=None).update(open_until=timezone.now() - timedelta(seconds=1))
    circuit.record_failure(host, circuit.admit(host))
    return Circuit.objects.get().open_until


def test_a_circuit_stays_open_for_longer_each_time(db):
    opened = [fail_call("example.org") for _ in range(conf.FAILURES_TO_OPEN + 6)]
    assert opened[: conf.FAILURES_TO_OPEN - 1] == [None] * (conf.FAILURES_TO_OPEN - 1)
    moments, now = opened[conf.FAILURES_TO_OPEN - 1 :], timezone.now()
    assert moments == sorted(moments)
    assert now + timedelta(seconds=conf.OPEN_SECONDS - 30) < moments[0] < now + timedelta(seconds=conf.OPEN_SECONDS + 1)
    assert moments[-1] < now + timedelta(seconds=conf.OPEN_LIMIT_SECONDS + 1)


def test_calls_that_fail_together_open_it_for_no_longer_than_one(db):
    admissions = [circuit.admit("example.org") for _ in range(20)]
    for admission in admissions:
        circuit.record_failure("example.org", admission)
    assert Circuit.objects.get().failures == conf.FAILURES_TO_OPEN
    assert Circuit.objects.get().open_until < timezone.now() + timedelta(seconds=conf.OPEN_SECONDS + 1)


@pytest.mark.parametrize("status", [400, 429])
def test_a_fault_of_the_receiver_alone_opens_no_circuit(webhook, receiver, notify, deliver, status):
    receiver.status = status
    notify()
    deliver()
    assert not Circuit.objects.exists()


def test_all_that_goes_to_a_host_waits_together(owner, webhook, receiver, notify, monkeypatch):
    owner.webhooks.create(url=receiver.url + "/other")
    elsewhere = owner.webhooks.create(url="http://127.0.0.2:9/")
    notify()
    monkeypatch.setattr(conf, "FAILURES_TO_OPEN", 1)
    circuit.record_failure(f"{webhook.host} of {owner.pk}", circuit.Admission())
    for _ in range(2):
        lease = DELIVERIES.claim()
        if lease.row.webhook != elsewhere:
            DELIVERIES.run(lease)
    until = Circuit.objects.get().open_until
    waiting = Delivery.objects.filter(state="waiting", runnable_at=until)
    assert {delivery.webhook.url for delivery in waiting} == {receiver.url, receiver.url + "/other"}


@pytest.mark.parametrize("spelling", ["http://LOCALHOST:{port}/", "http://localhost.:{port}/other"])
def test_a_host_is_the_same_however_it_is_written(owner, receiver, spelling):
    owner.webhooks.create(url=f"http://localhost:{receiver.port}/hook")
    owner.webhooks.create(url=spelling.format(port=receiver.port))
    for webhook in owner.webhooks.all():
        outbox.write_test(webhook)
    backlog.release(DELIVERIES.claim(), timezone.now() + timedelta(seconds=60))
    assert DELIVERIES.claim() is None


def test_a_new_address_has_a_new_host(webhook):
    webhook.url = "https://example.org/hook"
    webhook.save(update_fields=["url"])
    assert Webhook.objects.get().host == "example.org:443"


def test_a_long_backlog_is_put_off_piece_by_piece(owner, webhook, receiver, monkeypatch):
    """No statement holds the database up, however much waits."""
    monkeypatch.setattr(conf, "PUT_OFF_AT_ONCE", 2)
    for _ in range(6):
        outbox.write_test(webhook)
    until = timezone.now() + timedelta(seconds=60)
    left = []
    while delivery := DELIVERIES.claim():
        backlog.release(delivery, until)
        left.append(Delivery.rows().due().count())
    assert left == [3, 0]
    assert set(Delivery.objects.values_list("attempts", "runnable_at")) == {(0, until)}


def test_what_waits_for_a_paused_webhook_is_read_once_and_no_more(owner, webhook, receiver, monkeypatch):
    monkeypatch.setattr(conf, "PUT_OFF_AT_ONCE", 2)
    for _ in range(3):
        outbox.write_test(webhook)
    other = owner.webhooks.create(url=receiver.url)
    outbox.write_test(other)
    Webhook.objects.filter(pk=webhook.pk).update(paused_at=timezone.now())
    # The other one waits behind none, and the backlog is soon out of the way.
    claimed = DELIVERIES.claim()
    assert (claimed.row.webhook, Delivery.rows().due().count()) == (other, 1)
    assert DELIVERIES.claim() is None
    assert Delivery.rows().due().count() == 0
    backlog.resume(webhook)
    assert DELIVERIES.claim().row.webhook == webhook


def test_a_renewed_secret_signs_beside_the_new_one_for_a_day(webhook, receiver, notify, deliver):
    old = webhook.secret
    webhook_signatures.renew_secret(webhook)
    notify()
    deliver()
    _, headers, body = receiver.requests[0]
    for secret in (old, webhook.secret):
        Verifier(secret).verify(body, headers)
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    notify()
    deliver()
    _, headers, body = receiver.requests[1]
    assert Verifier(webhook.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(body, headers)
    signal_handlers.tidy()
    assert Webhook.objects.get().old_secret == ""


def test_a_secret_that_others_know_ends_at_once(webhook, receiver, notify, deliver):
    old = webhook.secret
    webhook_signatures.renew_secret(webhook)
    webhook_signatures.renew_secret(webhook, revoke_old=True)
    notify()
    deliver()
    _, headers, body = receiver.requests[0]
    assert Verifier(webhook.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(body, headers)


def test_a_webhook_that_is_slow_holds_one_worker(owner, webhook, receiver, notify):
    for _ in range(6):
        notify()
    first = DELIVERIES.claim()
    assert DELIVERIES.claim() is None
    other = owner.webhooks.create(url=receiver.url)
    outbox.write_test(other)
    assert DELIVERIES.claim().row.webhook == other
    assert DELIVERIES.claim() is None
    DELIVERIES.run(first)
    assert DELIVERIES.claim().row.webhook == webhook


def test_half_of_the_workers_go_on_transcribing(owner, receiver, done, monkeypatch, settings):
    for _ in range(3):
        owner.webhooks.create(url=receiver.url)
    outbox.write_for_job(done)
    for workers, limit in [(1, 1), (2, 1), (3, 1), (4, 2)]:
        monkeypatch.setitem(settings.Q_CLUSTER, "workers", workers)
        assert REAL_LIMIT() == limit
    monkeypatch.setattr(conf, "get_sending_limit", REAL_LIMIT)
    first, second = DELIVERIES.claim(), DELIVERIES.claim()
    assert DELIVERIES.claim() is None
    DELIVERIES.run(first)
    assert DELIVERIES.claim() not in {None, second}


def test_the_backlog_of_a_slow_receiver_goes_behind_others(owner, webhook, receiver, notify, monkeypatch):
    for _ in range(3):
        notify()
    other = owner.webhooks.create(url=receiver.url)
    outbox.write_test(other)
    monkeypatch.setattr(conf, "SLOW_SECONDS", -1.0)
    # However long a call takes, it counts as a minute.
    monkeypatch.setattr(
        backlog, "now_in_database", lambda seconds=0.0: timezone.now() + timedelta(seconds=seconds and 60)
    )
    called = []
    for _ in range(4):
        called.append(DELIVERIES.claim())
        DELIVERIES.run(called[-1])
    # No other waits then, so it does not wait either.
    assert [lease.row.webhook for lease in called] == [webhook, other, webhook, webhook]


def test_who_was_slow_has_its_turn_again_after_as_long(webhook, receiver, owner, notify, monkeypatch):
    notify()
    outbox.write_test(owner.webhooks.create(url=receiver.url))
    backlog.deprioritize(Delivery.objects.earliest("created_at"), 30.0)
    slow, owners = delivery_queue.list_deprioritized()
    assert (slow, owners) == ([(webhook.pk, None)], {owner.pk})
    assert delivery_queue.find_first(slow).webhook != webhook
    Webhook.objects.filter(pk=webhook.pk).update(deprioritized_until=timezone.now() - timedelta(seconds=1))
    assert delivery_queue.list_deprioritized() == ([], set())
    assert DELIVERIES.claim().row.webhook == webhook


def test_a_task_whose_time_is_over_asks_for_another_turn(webhook, receiver, notify, monkeypatch):
    notify()
    notify()
    moments = iter([0.0, 1.0, 6.0])
    monkeypatch.setattr(leased_queue, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    assert (DELIVERIES.work_for(5), wakeup.count_messages()) == (1, 1)


def test_hosts_that_are_not_called_are_forgotten(db):
    circuit.record_failure("gone.example:443", circuit.Admission())
    circuit.record_failure("new.example:443", circuit.Admission())
    Circuit.objects.filter(pk="gone.example:443").update(failed_at=timezone.now() - timedelta(days=31))
    signal_handlers.tidy()
    assert Circuit.objects.get().pk == "new.example:443"


def test_what_a_killed_worker_held_is_tried_by_another(webhook, receiver, notify):
    notify()
    first = DELIVERIES.claim()
    assert DELIVERIES.claim() is None
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    DELIVERIES.reap()
    second = DELIVERIES.claim()
    DELIVERIES.run(second)
    # The first one is back from the dead, and settles nothing.
    with pytest.raises(LeaseLost):
        settling.settle(first, Outcome(error="late"), 5, DELIVERIES.policy)
    assert list_states(Delivery.objects.all()) == [("delivered", 2)]
    # The lost try is in the log as well.
    assert list(Attempt.objects.values_list("error", flat=True)) == [delivery_queue.LOST, ""]


def test_a_late_worker_settles_nothing_that_is_sent_again(webhook, receiver, notify):
    """The numbers of the tries are the same then."""
    notify()
    late = DELIVERIES.claim()
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    DELIVERIES.reap()
    DELIVERIES.run(DELIVERIES.claim())
    assert settling.send_again(Delivery.objects.get())
    DELIVERIES.claim()
    with pytest.raises(LeaseLost):
        settling.settle(late, Outcome(error="late"), 5, DELIVERIES.policy)
    with pytest.raises(LeaseLost):
        backlog.release(late, timezone.now())
    assert list_states(Delivery.objects.all()) == [("sending", 1)]


def test_an_address_that_is_none_fails_like_any_other(webhook, notify, deliver):
    Webhook.objects.update(url="https://[::1/")
    notify()
    assert deliver()[0].state == "failed"
    assert Attempt.objects.first().error == "This is not a web address."


@pytest.mark.parametrize(
    ("location", "words"),
    [("http://[::1/", "It redirects to what is no web address."), ("", "a redirect that leads nowhere (307)")],
)
def test_a_redirect_to_nothing_is_the_receivers_fault(webhook, receiver, notify, deliver, caplog, location, words):
    receiver.status, receiver.headers = 307, {"Location": location} if location else {}
    notify()
    deliver()
    assert words in Attempt.objects.first().error
    assert caplog.text == ""


def test_what_kills_each_worker_is_given_up(webhook, notify):
    notify()
    tries = 0
    while DELIVERIES.claim():
        tries += 1
        Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        DELIVERIES.reap()
    assert tries == len(conf.RETRY_SECONDS) + 1
    assert list_states(Delivery.objects.all()) == [("failed", tries)]
    assert list(Attempt.objects.values_list("error", flat=True)) == [delivery_queue.LOST] * tries


def test_something_unforeseen_is_a_failed_try(webhook, notify, deliver, monkeypatch, caplog):
    def fail(_delivery):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(webhook_channel, "send", fail)
    notify()
    assert deliver()[0].state == "failed"
    assert "unexpected" in Attempt.objects.first().error
    assert "a fault of the program" in caplog.text


def test_a_deactivated_person_gets_no_notifications(webhook, receiver, notify, deliver, owner):
    notify()
    type(owner).objects.update(is_active=False)
    assert list_states(deliver()) == [("failed", 1)]
    assert receiver.requests == []
    # Which is no fault of the webhook.
    assert Webhook.objects.get().failures == 0


def test_it_is_sent_again_under_the_same_id(webhook, receiver, notify, deliver):
    notify()
    (delivery,) = deliver()
    assert settling.send_again(delivery)
    assert not settling.send_again(delivery)
    deliver()
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1
    assert len(receiver.requests) == 2


def test_workers_are_woken_for_what_is_due_unless_its_receiver_is_being_called(webhook, notify):
    notify()
    assert DELIVERIES.wake_for_due() == 1
    notify()
    OrmQ.objects.all().delete()
    DELIVERIES.claim()
    assert DELIVERIES.wake_for_due() == 0


def test_a_committed_delivery_wakes_a_worker(webhook, notify, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify()
    assert OrmQ.objects.get().task["args"] == ("notifications.delivery",)


def test_the_log_is_kept_for_thirty_days(webhook, notify):
    notify()
    notify()
    oldest = Delivery.objects.first()
    Delivery.objects.filter(pk=oldest.pk).update(created_at=timezone.now() - timedelta(days=31))
    signal_handlers.tidy()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_telling_takes_as_many_queries_for_any_number(owner, done, number, receiver, django_assert_num_queries):
    for _ in range(number):
        owner.webhooks.create(url=receiver.url)
        owner.push_subscriptions.create(endpoint=f"https://push.example/{_}", p256dh="a", auth="b")
    get_preferences(owner)
    job = Job.objects.select_related("owner", "recording").get(pk=done.pk)
    with django_assert_num_queries(4):  # webhooks, preferences, browsers, deliveries
        outbox.write_for_job(job)


def test_slow_receivers_delay_other_people_by_one_call_at_most(owner, stranger, receiver, monkeypatch):
    for _ in range(3):
        outbox.write_test(stranger.webhooks.create(url=receiver.url))
    outbox.write_test(owner.webhooks.create(url=receiver.url))
    monkeypatch.setattr(conf, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(
        backlog, "now_in_database", lambda seconds=0.0: timezone.now() + timedelta(seconds=seconds and 60)
    )
    called = []
    for _ in range(4):
        called.append(DELIVERIES.claim())
        DELIVERIES.run(called[-1])
    assert [lease.row.owner for lease in called] == [stranger, owner, stranger, stranger]


def test_what_comes_after_the_head_holds_up_no_worker(webhook, receiver, notify, deliver, monkeypatch):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 20.0)
    monkeypatch.setattr(conf, "BODY_SECONDS", 0.2)
    receiver.drips = "body"
    notify()
    assert list_states(deliver()) == [("delivered", 1)]
    assert Attempt.objects.get().milliseconds < 5000


def test_a_cluster_that_stops_begins_no_call(webhook, receiver, notify, monkeypatch):
    monkeypatch.setattr(leased_queue, "is_stopping", lambda: True)
    notify()
    assert DELIVERIES.work_for(5) == 0
    assert receiver.requests == []


def test_the_circuits_to_webhooks_are_everybodys_own(owner, stranger, receiver, monkeypatch):
    monkeypatch.setattr(conf, "FAILURES_TO_OPEN", 1)
    receiver.status = 500
    outbox.write_test(stranger.webhooks.create(url=receiver.url))
    DELIVERIES.work_for(5)
    assert Circuit.objects.get().open_until
    receiver.status = 200
    outbox.write_test(owner.webhooks.create(url=receiver.url))
    DELIVERIES.work_for(5)
    assert Delivery.objects.get(owner=owner).state == "delivered"


def test_a_program_without_a_dot_in_its_name_is_called(owner, receiver, settings, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *more, **options: resolve("127.0.0.1", *more, **options))
    settings.OUTBOUND_ALLOW = ["n8n"]
    form = WebhookForm({"url": f"http://n8n:{receiver.port}/hook"}, instance=Webhook(owner=owner))
    assert form.is_valid()
    outbox.write_test(form.save())
    DELIVERIES.work_for(5)
    assert Delivery.objects.get().state == "delivered"


def test_an_address_without_a_scheme_is_an_encrypted_one(owner, monkeypatch):
    monkeypatch.setattr(targets, "check_url", lambda url: url)
    form = WebhookForm({"url": "example.org/hook"}, instance=Webhook(owner=owner))
    assert form.is_valid()
    assert form.cleaned_data["url"] == "https://example.org/hook"
