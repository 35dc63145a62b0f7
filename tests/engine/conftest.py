"""Models found once, and clients of the fake engine."""

import pytest
from hypothesis import settings

from engine import EngineClient, EngineConfig, FakeBehaviour, locate_model

# Other work on the machine must not fail a test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def tiny_en(model_dir):
    return locate_model("tiny.en", model_dir, allow_download=False)


@pytest.fixture(scope="session")
def base(model_dir):
    return locate_model("base", model_dir, allow_download=False)


@pytest.fixture
def fake_client():
    """Build clients of the fake engine; their children end with the test."""
    clients = []

    def build(idle_seconds=60.0, memory_limit_bytes=None, **behaviour):
        config = EngineConfig(
            engine="fake",
            idle_seconds=idle_seconds,
            memory_limit_bytes=memory_limit_bytes,
            fake=FakeBehaviour(**behaviour),
        )
        clients.append(EngineClient(config))
        return clients[-1]

    yield build
    for client in clients:
        client.close()
