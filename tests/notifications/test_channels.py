"""The registry of channels: adding a folder adds a channel."""

import sys

import pytest

from notifications import channels
from notifications.channels.registry import find_sender, list_kinds
from notifications.models import Delivery

PIGEON = """
from notifications.outcome import Outcome

def send(delivery):
    return Outcome(status=299)
"""


@pytest.fixture
def pigeon(tmp_path, monkeypatch):
    folder = tmp_path / "channels" / "pigeon"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "pigeon_channel.py").write_text(PIGEON)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(folder.parent)])
    yield "pigeon"
    for name in ("pigeon", "pigeon.pigeon_channel"):
        sys.modules.pop(f"{channels.__name__}.{name}", None)
    if hasattr(channels, "pigeon"):
        del channels.pigeon


def test_each_folder_is_a_channel():
    assert list_kinds() == ["mail", "push", "webhook"]


def test_another_folder_delivers(pigeon, owner, deliver):
    assert pigeon in list_kinds()
    Delivery.objects.create(owner=owner, channel=pigeon, event="test")
    Delivery.objects.update(runnable_at="2020-01-01T00:00:00Z")
    (delivery,) = deliver()
    assert (delivery.state, delivery.tries.get().status) == ("delivered", 299)


def test_a_channel_without_a_folder_is_refused():
    with pytest.raises(LookupError):
        find_sender("pigeon")
