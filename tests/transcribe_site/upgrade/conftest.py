"""Databases of the version before, and empty ones."""

import pytest

from tests.databases import STACKS
from tests.transcribe_site.upgrade.previous_database import use_empty_database, use_previous_database


@pytest.fixture(params=STACKS)
def previous_database(request, django_db_blocker, tmp_path):
    with use_previous_database(request.param, tmp_path, django_db_blocker):
        yield request.param


@pytest.fixture
def previous_sqlite(django_db_blocker, tmp_path):
    with use_previous_database("sqlite", tmp_path, django_db_blocker):
        yield tmp_path


@pytest.fixture
def empty_sqlite(django_db_blocker, tmp_path):
    with use_empty_database("sqlite", tmp_path, django_db_blocker):
        yield tmp_path
