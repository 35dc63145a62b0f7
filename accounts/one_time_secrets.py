"""What is shown once, such as a new token: the browser carries it from a form to the page after it; it is kept nowhere.

So a page that shows it is no answer to a form, which a browser would send again when it loads the page anew.
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
# Following a redirect takes no longer.
SECONDS = 60


def redirect_showing_once(request: HttpRequest, page: str, **shown: str) -> HttpResponse:
    """Redirect to the address `page`, whose view gets `shown` from `read_one_time_secret`, this once."""
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
    """Return what is to be shown this once; empty for nothing."""
    try:
        shown: dict[str, str] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=build_salt(request), max_age=SECONDS
        )
    except signing.BadSignature:
        return {}
    return shown


def build_salt(request: HttpRequest) -> str:
    """Return what makes a signature good for one person alone."""
    return f"{COOKIE} {request.user.pk}"


def shows_one_time_secret(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the page of a view show something once: nobody keeps the page, and loaded anew it has it no more."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "GET" and COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
        return response

    return never_cache(answer)
