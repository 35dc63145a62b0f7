"""Several workers claim deliveries at the same moment."""

from contextlib import suppress
from threading import Barrier, Event, Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from foundation.database.clock import now_in_database
from foundation.database.leased_rows import claim_row
from notifications import backlog, conf, outbox, row_limits, settling
from notifications.channels.push import push_channel
from notifications.channels.webhook import webhook_channel
from notifications.delivery_queue import DELIVERIES
from notifications.models import Delivery, Webhook
from notifications.outcome import Outcome
from tests.databases import STACKS, use_database
from tests.waiting import take_time

CLAIMERS = 6


@pytest.fixture(params=STACKS)
def person(request, django_db_blocker, tmp_path):
    with use_database(request.param, tmp_path, django_db_blocker):
        yield User.objects.create_user("anna")
        connection.close()


def test_asking_twice_at_once_yields_none_too_many(person):
    barrier, made = Barrier(CLAIMERS), []

    def add():
        barrier.wait(20)
        with suppress(row_limits.TooMany), row_limits.enforce_limit(person, person.webhooks.all(), 2):
            made.append(person.webhooks.create(url="https://example.org/"))
        connections["default"].close()

    threads = [Thread(target=add) for _ in range(CLAIMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == person.webhooks.count() == 2


def write(webhook, number):
    rows = [Delivery(owner=webhook.owner, channel="webhook", webhook=webhook, event="test") for _ in range(number)]
    for row in rows:
        row.runnable_at = now_in_database()
    Delivery.objects.bulk_create(rows)


def claim_together():
    """Return what each of several claimers got."""
    barrier, found = Barrier(CLAIMERS), []

    def claim():
        barrier.wait(20)
        found.append(DELIVERIES.claim())
        connections["default"].close()

    threads = [Thread(target=claim) for _ in range(CLAIMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == CLAIMERS
    return [lease for lease in found if lease]


def test_of_one_webhook_one_call_is_made_at_a_time(person):
    webhook = person.webhooks.create(url="https://example.org/")
    write(webhook, CLAIMERS)
    for _ in range(5):
        (claimed,) = claim_together()
        settling.settle(claimed, Outcome(), 1, DELIVERIES.policy)


def test_no_more_than_the_limit_are_under_way(person, monkeypatch):
    monkeypatch.setattr(conf, "get_sending_limit", lambda: 2)
    for number in range(CLAIMERS):
        write(person.webhooks.create(url=f"https://example.org/{number}"), 1)
    claimed = claim_together()
    assert len({lease.row.pk for lease in claimed}) == len(claimed) == 2


def test_what_is_resumed_while_it_is_deferred_is_not_forgotten(person):
    webhook = person.webhooks.create(url="https://example.org/")
    write(webhook, 3)
    Webhook.objects.update(paused_at=timezone.now())
    has_resumed, found = Event(), []

    def resume_slowly():
        with transaction.atomic():
            backlog.resume(webhook)
            has_resumed.set()
            take_time(0.5)
        connections["default"].close()

    resuming = Thread(target=resume_slowly)
    resuming.start()
    assert has_resumed.wait(20)
    found.append(DELIVERIES.claim())
    resuming.join(30)
    # A claimer that came too early looks again.
    assert [delivery or DELIVERIES.claim() for delivery in found] != [None]
    assert Delivery.rows().due().count() == 2


@pytest.mark.parametrize("name", ["webhooks", "push_subscriptions"])
def test_deleting_one_while_a_job_ends_does_not_keep_it_from_ending(person, name):
    """Neither is refused, and what was written for it is given up."""
    fields = {"webhooks": {"url": "https://example.org/"}, "push_subscriptions": {"endpoint": "https://a.example/"}}
    receiver = getattr(person, name).create(**fields[name])
    kind = "webhook" if name == "webhooks" else "subscription"
    has_written, errors = Event(), []

    def end_job():
        try:
            with transaction.atomic():
                outbox.write([outbox.build(person.pk, "test", {}, **{kind: receiver})])
                has_written.set()
                take_time(0.5)
        except DatabaseError as error:
            errors.append(error)
        connections["default"].close()

    ending = Thread(target=end_job)
    ending.start()
    assert has_written.wait(20)
    type(receiver).objects.get(pk=receiver.pk).delete()
    ending.join(30)
    assert errors == []
    DELIVERIES.run(DELIVERIES.claim())
    assert Delivery.objects.get().state == "failed"
    assert Delivery.objects.get().tries.get().error in {webhook_channel.DELETED, push_channel.FORGOTTEN}


def test_what_has_failed_meanwhile_waits_for_its_time(person):
    write(person.webhooks.create(url="https://example.org/"), 1)
    stale = Delivery.rows().due().get()
    settling.settle(DELIVERIES.claim(), Outcome(error="It answered with 404."), 1, DELIVERIES.policy)
    assert claim_row(stale, 20.0) is None
