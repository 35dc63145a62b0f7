"""What waited before an upgrade goes on after it."""

from pathlib import Path

import pytest

from foundation.database import clock
from jobs.domain.base import engines, storage
from jobs.domain.steps import reaper, worker
from jobs.models import Job, Recording, Step
from notifications import claims
from notifications.models import Delivery
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


def test_workers_go_on_with_what_waited_and_what_was_under_way(data_dir):
    open_jobs = Job.objects.filter(recording__title__in=[*SOUNDS, "Lecture"])
    assert set(open_jobs.values_list("state", flat=True)) == {"pending", "processing"}
    assert reaper.reap().expired == 1
    Step.objects.filter(state="waiting").update(runnable_at=clock.now_in_database(-1))
    worker.work_for(60)
    assert set(open_jobs.values_list("state", "error_code")) == {("completed", "")}
    text = open_jobs.get(recording__title="Lecture").transcript.text
    assert [int(word.strip("abcdefghijklmnopqrstuvwxyz")) for word in text.split()] == [0, 1, 2, 13, 14, 15, 26, 27, 28]


def test_what_waited_to_be_sent_is_claimed(previous_database):
    rewrite_database()
    waiting = set(Delivery.objects.filter(state__in=["waiting", "sending"]).values_list("pk", flat=True))
    assert len(waiting) == 3
    assert claims.claim().pk in waiting
