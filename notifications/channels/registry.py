"""The channels that there are.

Each is a folder `<kind>` with a module `<kind>_channel`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, cast

from notifications import channels

if TYPE_CHECKING:
    from collections.abc import Callable

    from notifications.models import Delivery
    from notifications.outcome import Outcome


def list_kinds() -> list[str]:
    """Return the kinds of channels by name."""
    return sorted(folder.name for folder in pkgutil.iter_modules(channels.__path__) if folder.ispkg)


def find_sender(kind: str) -> Callable[[Delivery], Outcome]:
    """Return the function that sends the deliveries of a channel.

    Raises:
        LookupError: no folder has this name.
    """
    if kind not in list_kinds():
        raise LookupError(kind)
    module = import_module(f"{channels.__name__}.{kind}.{kind}_channel")
    return cast("Callable[[Delivery], Outcome]", module.send)
