"""The sessions and tokens of requests and their validity.

Streams go on long after their request was accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.authentication import BearerAuthentication
from accounts.models import ApiToken, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest
    from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person, and the token or session that identifies them."""

    person: User = field(compare=False)
    person_id: int
    token_id: UUID | None = None
    session_key: str = ""


def get_person(request: HttpRequest) -> User:
    """Return who is signed in; only for views behind a sign-in."""
    return cast("User", request.user)


def find_sign_in(request: HttpRequest) -> SignIn | None:
    """Return the sign-in of a request, or None.

    For places where no middleware has run yet.

    Raises:
        AuthenticationFailed: as in BearerAuthentication.
        Throttled: as in BearerAuthentication.
    """
    known = BearerAuthentication().authenticate(cast("Request", request))  # it reads headers and META alone
    if known is not None:
        person, token = known
        return SignIn(person, person.pk, token_id=token.pk)
    request.session = open_session(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    found = get_user(request)
    return SignIn(found, found.pk, session_key=str(request.session.session_key)) if found.is_authenticated else None


def find_sender(request: HttpRequest) -> User | None:
    """Return the person behind a request's token or session, or None.

    Raises:
        AuthenticationFailed: as in `find_sign_in`.
        Throttled: as in `find_sign_in`.
    """
    sign_in = find_sign_in(request)
    return None if sign_in is None else sign_in.person


def select_valid(sign_ins: Iterable[SignIn]) -> set[SignIn]:
    """Return the sessions and tokens that are still valid."""
    asked = set(sign_ins)
    people = User.objects.filter(is_active=True).in_bulk({sign_in.person_id for sign_in in asked})
    token_ids = {sign_in.token_id for sign_in in asked if sign_in.token_id}
    tokens = ApiToken.objects.filter(Q(expiry=None) | Q(expiry__gt=timezone.now()), pk__in=token_ids)
    kept = set(tokens.values_list("pk", flat=True)) if token_ids else set()
    session_keys = {sign_in.session_key for sign_in in asked if sign_in.session_key}
    found = Session.objects.filter(pk__in=session_keys, expire_date__gt=timezone.now())
    sessions = {session.pk: session.get_decoded() for session in found} if session_keys else {}
    return {
        sign_in
        for sign_in in asked
        if sign_in.person_id in people
        and (
            sign_in.token_id in kept or is_session_of(people[sign_in.person_id], sessions.get(sign_in.session_key, {}))
        )
    }


def is_session_of(person: User, session: Mapping[str, Any]) -> bool:
    """Whether a session is `person`'s with their present password."""
    verified = str(session.get(HASH_SESSION_KEY, ""))
    is_current = constant_time_compare(verified, person.get_session_auth_hash())
    return session.get(SESSION_KEY) == str(person.pk) and is_current


def open_session(key: str | None) -> SessionBase:
    """Return the session `key`, loaded on first use."""
    engine = import_module(settings.SESSION_ENGINE)
    return cast("SessionBase", engine.SessionStore(key))
