"""The person behind a call and answers without negotiation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.negotiation import DefaultContentNegotiation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

    from accounts.models import User


class TakeAnyAccept(DefaultContentNegotiation):
    """For answers of one form only: audio and transcripts.

    They ignore what the client accepts.
    """

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002 - the same
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def get_user(request: Request) -> User:
    """Return the signed-in person.

    Views are closed to all others.
    """
    return cast("User", request.user)
