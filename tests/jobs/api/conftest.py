"""Clients that are signed in, and a file to upload."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from tests import rows
from tests.rows import *  # noqa: F403 - fixtures


@pytest.fixture
def api(owner: User) -> APIClient:
    client = APIClient()
    client.force_login(owner)
    return client


@pytest.fixture
def foreign_api(stranger: User) -> APIClient:
    client = APIClient()
    client.force_login(stranger)
    return client


@pytest.fixture
def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("talk.wav", rows.AUDIO, content_type="audio/wav")
