"""How many webhooks and browsers one person may have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

TOO_MANY = "You have {number} of these already. Delete one first."


class TooMany(Exception):
    """A person has as many rows as allowed; the message says so."""


@contextmanager
def enforce_limit(owner: User, rows: QuerySet[Any], limit: int) -> Iterator[None]:
    """Allow one more of `rows` within the block, which is one transaction.

    Raises:
        TooMany: there are `limit` of them already.
    """
    with transaction.atomic():
        # Two that are made at once wait for each other.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if rows.count() >= limit:
            raise TooMany(TOO_MANY.format(number=limit))
        yield
