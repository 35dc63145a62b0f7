"""For whom a page asks and sends: by the time that it does, somebody else may use the same browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from jobs.errors import OtherPerson

if TYPE_CHECKING:
    from accounts.models import User

# Percent-encoded.
PERSON_HEADER = "X-Person"


def check_person(told: str | None, user: User) -> None:
    """Refuse what is sent for somebody else than its sender; who names nobody means themselves. Raises OtherPerson."""
    if told is not None and unquote(told) != user.get_username():
        raise OtherPerson
