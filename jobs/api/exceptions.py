"""Turns the errors of jobs into the one error shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

from foundation.problems import Problem, ProblemError, drf_exception_handler
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse


def describe_job_error(error: JobError) -> Problem:
    """Return the problem of an error with its code and status.

    `retryable` says to programs whether to try again.
    """
    return Problem(error.status, error.code, str(error), extras={"retryable": error.retryable})


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception in an API view with a problem.

    Set as EXCEPTION_HANDLER.
    """
    if isinstance(exc, JobError):
        exc = ProblemError(describe_job_error(exc))
    elif isinstance(exc, ObjectDoesNotExist):  # deleted at the same time
        exc = Http404()
    return drf_exception_handler(exc, context)
