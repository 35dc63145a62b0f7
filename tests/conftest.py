"""Clears away what the tests kept."""

import shutil

import pytest
from django.conf import settings

from tests.databases import Server


def pytest_unconfigure(config: pytest.Config) -> None:
    Server.close()
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
