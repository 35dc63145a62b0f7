"""Refuses version settings that lock all pages out or check none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from versioning.versions import BACKEND, RULES, MalformedVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINIMUM_HINT = f"Set it to a version like 1.2.3, at most {BACKEND}."


def check_versioning(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Return an error for each version setting that cannot be right."""
    return [*_check_policy(settings.TRANSCRIBE_VERSION_POLICY), *_check_minimum(settings.TRANSCRIBE_MINIMUM_FRONTEND)]


def _check_policy(policy: object) -> Iterator[CheckMessage]:
    if policy not in RULES:
        hint = f"Set it to one of {', '.join(RULES)}."
        yield Error(f"TRANSCRIBE_VERSION_POLICY is {policy!r}.", hint=hint, id="versioning.E001")


def _check_minimum(minimum: str) -> Iterator[CheckMessage]:
    try:
        newer = Version.parse(minimum) > BACKEND
    except MalformedVersion as error:
        yield Error(f"TRANSCRIBE_MINIMUM_FRONTEND: {error}.", hint=_MINIMUM_HINT, id="versioning.E002")
        return
    if newer:
        message = f"TRANSCRIBE_MINIMUM_FRONTEND is {minimum}, newer than the program: no page would be served."
        yield Error(message, hint=_MINIMUM_HINT, id="versioning.E003")
