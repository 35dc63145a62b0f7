"""The middleware between requests and the database."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class ReleaseConnectionMiddleware(MiddlewareMixin):
    """Releases the database connection of a streaming response.

    A stream lasts as long as its listener; meanwhile others need the connection.
    """

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            close_old_connections()
        return response


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Requires a sign-in for views unless they say otherwise.

    Only for those the database is asked for the person.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
