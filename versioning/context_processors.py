"""Provides templates with the version for X-Frontend-Version.

The page sends it back in that header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioning.versions import BACKEND

if TYPE_CHECKING:
    from django.http import HttpRequest


def frontend_version(_request: HttpRequest) -> dict[str, str]:
    """Return `frontend_version`, which is the program's own.

    Pages are rendered here.
    """
    return {"frontend_version": str(BACKEND)}
