"""Requests to the ASGI apps beside Django: who sends them, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.exceptions import APIException

from accounts.sign_ins import find_sign_in
from foundation.problems import ProblemError, describe_exception, describe_outage, standard_problem
from jobs.api.exceptions import describe_job_error
from jobs.errors import JobError

if TYPE_CHECKING:
    from django.core.handlers.asgi import ASGIRequest

    from accounts.sign_ins import SignIn
    from foundation.problems import Problem

CHALLENGE = {"WWW-Authenticate": "Bearer"}


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
