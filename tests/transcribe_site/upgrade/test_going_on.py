"""What waited before an upgrade goes on after it."""

import math
from pathlib import Path

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from jobs.domain.base import engines, storage
from jobs.management.commands.workers import Supervisor
from jobs.models import Job, Recording
from notifications.models import Delivery, PushSubscription, Webhook
from tests.jobs.sounds import build_wav, make_parts, make_tone, wrap_wav
from transcribe_site.upgrade import rewrite_database

# The audio of what waits, as it was when the version before took it.
SOUNDS = {"Talk": build_wav(3.25), "Talk, once more": build_wav(3.25), "Ben's own": build_wav(3.75)}
LECTURE = wrap_wav(make_parts(3) + make_tone(1))


@pytest.fixture
def data_dir(previous_database, settings, tmp_path):
    """The files of the data folder; the working copy of what was under way among them."""
    rewrite_database()
    settings.ENGINE, settings.MIN_FREE_MB = "fake", 0
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    for title, sound in SOUNDS.items():
        write(Path(Recording.objects.get(title=title).audio.path), sound)
    write(storage.get_working_copy(Job.objects.get(recording__title="Lecture").pk), LECTURE)
    engines.remember_model.cache_clear()
    yield
    engines.holder.close()
    engines.remember_model.cache_clear()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def supervisor(previous_database):
    """The one that looks after this machine's workers, without any cluster."""
    supervisor = Supervisor()
    supervisor.next_tidying = math.inf
    return supervisor


def read_messages():
    """Return which function each message in the queue names, with its arguments."""
    return [(row.task["func"], tuple(row.task.get("args", ()))) for row in OrmQ.objects.all()]


def work_through_messages():
    """Do what the messages in the queue ask for, as a cluster does."""
    messages = read_messages()
    OrmQ.objects.all().delete()
    for function, arguments in messages:
        import_string(function)(*arguments)


def forget_receivers():
    for model in (Delivery, Webhook, PushSubscription):
        model.objects.all().delete()


def forget_jobs():
    Job.objects.all().delete()


def test_workers_go_on_with_what_waited_and_what_was_under_way(data_dir, supervisor):
    forget_receivers()
    open_jobs = Job.objects.filter(recording__title__in=[*SOUNDS, "Lecture"])
    assert set(open_jobs.values_list("state", flat=True)) == {"pending", "processing"}
    supervisor.reap(0.0)
    work_through_messages()
    assert set(open_jobs.values_list("state", "error_code")) == {("completed", "")}
    text = open_jobs.get(recording__title="Lecture").transcript.text
    assert [int(word.strip("abcdefghijklmnopqrstuvwxyz")) for word in text.split()] == [0, 1, 2, 13, 14, 15, 26, 27, 28]


@pytest.mark.parametrize("forget_others", [forget_receivers, forget_jobs])
def test_workers_are_woken_for_each_kind_of_work_that_waited(previous_database, supervisor, forget_others):
    rewrite_database()
    forget_others()
    assert read_messages() == []
    supervisor.reap(0.0)
    assert len(set(read_messages())) == 1
