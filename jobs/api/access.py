"""Who asks, and which answers are not negotiated."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from rest_framework.negotiation import DefaultContentNegotiation

from jobs.errors import OtherPerson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

    from accounts.models import User

# Whom a page sends for: by the time that it can send, somebody else may use the same browser. Percent-encoded.
PERSON_HEADER = "X-Person"


class TakeAnyAccept(DefaultContentNegotiation):
    """For answers that have one form whatever the client accepts: audio, and transcripts."""

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002 - the same
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def get_user(request: Request) -> User:
    """Return who is signed in; views are closed to everybody else."""
    return cast("User", request.user)


def check_person(told: str | None, user: User) -> None:
    """Refuse what is sent for somebody else than its sender; who names nobody means themselves. Raises OtherPerson."""
    if told is not None and unquote(told) != user.get_username():
        raise OtherPerson
