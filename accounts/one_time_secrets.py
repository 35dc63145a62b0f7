"""Secrets such as new tokens that are shown one time.

The browser carries them from a form to the page after it; they are kept nowhere else. So the page that shows one is no
answer to a form, which a browser would send again on reload.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

COOKIE = "shown_once"
# A secret older than this is not shown: following a redirect takes no longer.
SECONDS = 60


def redirect_showing_once(request: HttpRequest, page: str, **shown: str) -> HttpResponse:
    """Redirect to `page`, which can show the values `shown` once.

    Its view gets them from `read_one_time_secret`.
    """
    response = redirect(page)
    response.set_cookie(
        COOKIE,
        signing.dumps(shown, salt=build_salt(request)),
        max_age=SECONDS,
        path=page,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def read_one_time_secret(request: HttpRequest) -> dict[str, str]:
    """Return the values to show this once, empty for none."""
    try:
        shown: dict[str, str] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=build_salt(request), max_age=SECONDS
        )
    except signing.BadSignature:
        return {}
    return shown


def build_salt(request: HttpRequest) -> str:
    """Return the salt that ties a signature to one person."""
    return f"{COOKIE} {request.user.pk}"


def shows_one_time_secret(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make a view show a one-time secret.

    The page is never cached, and a reload shows the secret no more.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "GET" and COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
        return response

    return never_cache(answer)
