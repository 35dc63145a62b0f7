"""A client that is signed in as staff who may do everything."""

import pytest
from django.test import Client

from accounts.models import User
from tests.rows import *  # noqa: F403 - fixtures


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("zoe", password="a long password")


@pytest.fixture
def site(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client
