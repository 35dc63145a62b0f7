"""Issues and lists API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from accounts.models import ApiToken

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

MAX_EXPIRES_DAYS = 3650


def issue_token(user: User, name: str, expires_days: int | None = None) -> tuple[ApiToken, str]:
    """Return a new token of `user` and its text.

    The text is shown now and never again. The token expires after `expires_days` days, or never.
    """
    expiry = None if expires_days is None else timedelta(days=expires_days)
    return cast("tuple[ApiToken, str]", ApiToken.objects.create(user=user, name=name, expiry=expiry))


def list_tokens(user_id: int | None) -> QuerySet[ApiToken]:
    """Return the tokens of one person, newest first."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user_id=user_id)
    return tokens
