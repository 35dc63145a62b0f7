"""People, uploads and jobs for the tests of the domain."""

import hashlib
import io
import wave
from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_q.models import OrmQ

from accounts.models import User
from jobs.domain import engines, submit
from jobs.models import Job

SAMPLE_RATE = 16_000


def build_wav(seconds: float) -> bytes:
    """A quiet saw-tooth: sound enough for the fake engine, which needs no words."""
    frame = bytes(range(64))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((frame * (int(seconds * SAMPLE_RATE) * 2 // len(frame) + 1))[: int(seconds * SAMPLE_RATE) * 2])
    return buffer.getvalue()


def build_upload(content: bytes, name: str = "speech.wav") -> SimpleUploadedFile:
    upload = SimpleUploadedFile(name, content)
    upload.sha256 = hashlib.sha256(content).hexdigest()
    return upload


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", password="correct horse battery")


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben", password="correct horse battery")


@pytest.fixture
def fake_engine(settings, tmp_path) -> Iterator[None]:
    settings.ENGINE = "fake"
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MIN_FREE_MB = 0
    engines.remember_model.cache_clear()
    yield
    engines.holder.close()
    engines.remember_model.cache_clear()


@pytest.fixture
def make_job(fake_engine: None) -> Callable[..., Job]:
    def make(owner: User, seconds: float = 3.0, **options: str) -> Job:
        return submit.submit_upload(owner, build_upload(build_wav(seconds)), **options)

    return make


@pytest.fixture
def nudges(django_capture_on_commit_callbacks) -> Callable[[], int]:
    """How many messages wait in the queue."""
    return lambda: OrmQ.objects.count()
