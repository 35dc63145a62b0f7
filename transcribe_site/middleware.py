"""What stands between a request and the database: who needs it, and for how long."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class ReleaseConnectionMiddleware(MiddlewareMixin):
    """A stream goes on for as long as somebody listens; meanwhile others need the connection it began with."""

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            close_old_connections()
        return response


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Views need a sign-in unless they say otherwise; only for those the database is asked who it is."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
