"""Databases of the version before, upgraded ones, and empty ones."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.databases import STACKS
from tests.transcribe_site.upgrade.previous_database import read_rows, use_empty_database, use_previous_database
from transcribe_site.upgrade import rewrite_database


@dataclass(frozen=True)
class Upgraded:
    """An upgraded database, and the rows that it had before."""

    stack: str
    old_rows: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=STACKS)
def upgraded(request, django_db_blocker, tmp_path_factory):
    """One for all tests of a module, which only read it."""
    with use_previous_database(request.param, tmp_path_factory.mktemp("upgraded"), django_db_blocker):
        old_rows = read_rows()
        rewrite_database()
        yield Upgraded(request.param, old_rows)


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
