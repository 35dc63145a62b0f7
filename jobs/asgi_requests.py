"""Requests to the ASGI apps beside Django: their path, who sends them, and the way to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import get_script_prefix
from django.db import close_old_connections
from rest_framework.exceptions import APIException

from accounts.sign_ins import find_sign_in
from foundation.problems import ProblemError, describe_exception, describe_outage, standard_problem
from jobs.api.exceptions import describe_job_error
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from django.core.handlers.asgi import ASGIRequest

    from accounts.sign_ins import SignIn
    from foundation.problems import Problem

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

CHALLENGE = {"WWW-Authenticate": "Bearer"}


def find_path(scope: Scope) -> str:
    """Return the path below the prefix that the site is mounted at."""
    return "/" + str(scope["path"]).removeprefix(get_script_prefix(scope)).lstrip("/")


def require_sign_in(request: ASGIRequest) -> SignIn:
    """Return by what a request is signed in. Raises ProblemError: 400, 401 or 429."""
    request.get_host()  # refuses an address that is not ours
    try:
        sign_in = find_sign_in(request)
    except APIException as error:
        raise ProblemError(cast("Problem", describe_exception(error))) from error
    if sign_in is None:
        raise ProblemError(standard_problem("not_authenticated", headers=CHALLENGE))
    return sign_in


def describe_error(error: Exception) -> Problem | None:
    """Return what a sender is told of an error, None for one that is a fault of the program."""
    if isinstance(error, JobError):
        return describe_job_error(error)
    if isinstance(error, TimeoutError):
        return describe_outage(error)
    return describe_exception(error)


async def run(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Do what needs the database in Django's own thread, whose connection is given back afterwards."""

    def do() -> Any:
        try:
            return work(*arguments, **options)
        finally:
            close_old_connections()

    return await sync_to_async(do)()
