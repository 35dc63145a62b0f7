"""Databases for the tests, and the end of what they kept."""

import shutil

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.databases import STACKS, Server, use_database


def pytest_configure(config: pytest.Config) -> None:
    if connection.vendor == "postgresql":  # with DATABASE_URL
        keep_connections_in_transactions(type(connections["default"]))


def keep_connections_in_transactions(wrapper):
    """Keep a test's connection while its transaction lasts.

    The end of a request or a stream would close it.
    """
    close = wrapper.close_if_unusable_or_obsolete
    wrapper.close_if_unusable_or_obsolete = lambda self: None if self.in_atomic_block else close(self)


def pytest_unconfigure(config: pytest.Config) -> None:
    Server.close()
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(params=STACKS)
def real_database(request, django_db_blocker, tmp_path):
    """A real database of either stack.

    Threads meet its locks, which SQLite's memory does not have.
    """
    with use_database(request.param, tmp_path, django_db_blocker) as url:
        yield url
