"""Where tests keep their data, and the settings that only they have."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Before the settings are read, which is why they are named here and not in pyproject.toml.
DATA_DIR = Path(tempfile.mkdtemp(prefix="transcribe-tests-"))
os.environ["TRANSCRIBE_DATA_DIR"] = str(DATA_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "transcribe_site.settings"


def pytest_configure() -> None:
    from django.conf import settings  # noqa: PLC0415 - reads the environment

    settings.STATIC_ROOT.mkdir(parents=True)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)
