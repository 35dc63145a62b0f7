"""People and clients that are signed in as them.

Limits start from zero and the data folder is empty.
"""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User

PASSWORD = "a long enough phrase"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def set_rates(settings: Any):
    def set_rates(**rates: str) -> None:
        known = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {**known, **rates}}

    return set_rates


@pytest.fixture
def count_queries(db: None):
    """The number of queries of a page.

    What frames every page is in it, so only compare such numbers.
    """

    def count_queries(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    return count_queries


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_superuser("olga", password=PASSWORD, name="Olga Owner")


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("anna", password=PASSWORD)


@pytest.fixture
def owner_client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def person_client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client
