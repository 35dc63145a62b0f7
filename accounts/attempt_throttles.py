"""Limits on guessing, counted on the cache of all processes."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from typing import TYPE_CHECKING, cast

from foundation.http.throttles import ScopedThrottle

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

__all__ = ["AttemptThrottle", "BearerThrottle", "SetUpThrottle", "SignInAddressThrottle", "SignInThrottle"]


class AttemptThrottle(ScopedThrottle):
    """Counts attempts by their address and their target.

    Behind a proxy the address is the forwarded one only if NUM_PROXIES says so.
    """

    duration: int  # seconds

    def __init__(self, request: HttpRequest | Request, target: str = "") -> None:
        super().__init__()
        plain = unicodedata.normalize("NFKC", target).casefold()
        # DRF reads headers and META alone here, which both kinds of request have.
        ident = f"{type(self).__name__}\0{self.get_ident(cast('Request', request))}\0{plain}"
        # A digest, since the guesser chooses the text and caches are picky about their keys.
        self.attempt_key = self.cache_format % {
            "scope": self.scope,
            "ident": hashlib.sha256(ident.encode()).hexdigest(),
        }

    def get_cache_key(self, request: Request, view: object) -> str:  # noqa: ARG002 - DRF's signature
        return self.attempt_key

    def count(self) -> int:
        """Count one attempt; return the seconds to wait.

        They are whole seconds, 0 while there were not too many attempts.
        """
        if self.allow_request(None, None):  # type: ignore[arg-type]  # the key is made already
            return 0
        return math.ceil(self.wait() or self.duration)

    def forget(self) -> None:
        """Reset the count: the attempt was right."""
        self.cache.delete(self.attempt_key)


class SignInThrottle(AttemptThrottle):
    """Attempts at one username from one address."""

    scope = "sign_in"


class SignInAddressThrottle(AttemptThrottle):
    """Attempts at any usernames from one address.

    This catches one password tried on everyone. Right passwords count too: otherwise an account would be enough to
    reset the count at will.
    """

    scope = "sign_in_address"


class SetUpThrottle(AttemptThrottle):
    """Attempts at the set-up token from one address."""

    scope = "sign_in"


class BearerThrottle(AttemptThrottle):
    """Wrong API tokens from one address."""

    scope = "bearer"
