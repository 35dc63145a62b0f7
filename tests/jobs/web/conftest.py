"""Signed-in clients, and the rows that pages show."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.rows import (  # noqa: F401 - fixtures
    AUDIO,
    done_job,
    doubtful_job,
    fake_engine,
    job,
    make_done_job,
    make_doubtful_job,
    make_job,
    make_recording,
    one_a_minute,
    owner,
    recording,
    stranger,
)


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Names without hashes: nothing has to be collected first."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def client(client, owner):  # noqa: F811 - pytest's way to ask for it
    client.force_login(owner)
    return client


@pytest.fixture
def foreign_client(stranger):  # noqa: F811 - the same
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def make_upload():
    def make(name="talk.wav", content=AUDIO):
        return SimpleUploadedFile(name, content, content_type="audio/wav")

    return make
