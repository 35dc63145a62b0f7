"""Signs programs in by their API token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.settings import knox_settings
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled

from accounts.attempt_throttles import BearerThrottle
from accounts.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.models import User

LAST_USED_RESOLUTION = timedelta(hours=1)


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Signs in by `Authorization: Bearer tr_…`.

    A Bearer without our prefix is left to the next authenticator. Wrong tokens are answered 401, and 429 when too many
    of them come from one address. Right ones are accepted all the same: a token is beyond guessing, and one forgotten
    program must not shut out its neighbours.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and the token, or None without our token.

        Raises:
            AuthenticationFailed: it is unknown or has expired, or its person is deactivated.
            Throttled: that happened too often.
        """
        token = read_own_bearer(request)
        if token is None:
            return None
        try:
            user, api_token = self.authenticate_credentials(token.encode())
        except AuthenticationFailed:
            if wait := BearerThrottle(request).count():
                raise Throttled(wait) from None
            raise
        touch_token(api_token)
        return user, api_token


def read_own_bearer(request: Request) -> str | None:
    """Return the Bearer of a request if it has our prefix."""
    scheme, _, credentials = get_authorization_header(request).partition(b" ")
    try:
        token = credentials.strip().decode()
    except UnicodeDecodeError:
        return None
    ours = scheme.lower() == b"bearer" and token.startswith(knox_settings.TOKEN_PREFIX)
    return token if ours else None


def touch_token(token: ApiToken) -> None:
    """Record that the token was used just now.

    Written once an hour at most.
    """
    now = timezone.now()
    if token.last_used is None or now - token.last_used >= LAST_USED_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)
        token.last_used = now
