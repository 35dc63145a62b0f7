"""Gives templates the version that the page then sends back as X-Frontend-Version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioning.versions import BACKEND

if TYPE_CHECKING:
    from django.http import HttpRequest


def frontend_version(_request: HttpRequest) -> dict[str, str]:
    """Return `frontend_version`: pages are rendered here, so theirs is the program's."""
    return {"frontend_version": str(BACKEND)}
