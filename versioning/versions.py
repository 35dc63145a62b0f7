"""Versions and the policies between front end and back end.

Pure, without Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from versioning import __version__

Rule = Literal["compatible", "exact"]
RULES: tuple[Rule, ...] = ("compatible", "exact")

# major.minor.patch of semver.org without pre-release and build; nine digits each are plenty and bound the work.
_PATTERN = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


class MalformedVersion(ValueError):
    """The text is not major.minor.patch."""


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """A version that compares number by number."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version written as `1.2.3`.

        Raises:
            MalformedVersion: the text is anything else.
        """
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise MalformedVersion(f"{text!r} is not a version like 1.2.3")
        return cls(*map(int, match.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


BACKEND = Version.parse(__version__)


@dataclass(frozen=True, slots=True)
class Policy:
    """The front ends that are served.

    They are of the same major, at least `minimum` and not newer; or only the very same.
    """

    minimum: Version
    rule: Rule
    backend: Version

    def allows(self, frontend: Version) -> bool:
        """Whether a front end of this version may be served."""
        if self.rule == "exact":
            return frontend == self.backend
        return frontend.major == self.backend.major and self.minimum <= frontend <= self.backend


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The details for a refused front end.

    `frontend` is what it sent, cut to 64 characters.
    """

    frontend: str
    backend: str
    minimum: str


def check_frontend(frontend: str, policy: Policy) -> Mismatch | None:
    """Return why a front end is refused or None when served.

    Text that is no version is refused like a wrong one.
    """
    try:
        allowed = policy.allows(Version.parse(frontend))
    except MalformedVersion:
        allowed = False
    return None if allowed else Mismatch(frontend[:64], str(policy.backend), str(policy.minimum))
