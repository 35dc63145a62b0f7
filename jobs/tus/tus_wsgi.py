"""Refuses uploads under a server without the ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.views.decorators.csrf import csrf_exempt

from foundation.problems import ProblemRow, problem_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NEEDS_ASGI = ProblemRow(
    "uploads_need_asgi",
    501,
    "",
    "This server was started as a WSGI application, which cannot take uploads in pieces. "
    "Start transcribe_site.asgi with an ASGI server such as uvicorn, or send the file as a form to /api/jobs/.",
)


@csrf_exempt  # nothing is changed, and no sender is identified
@login_not_required
def refuse_uploads(_request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 - part of the address
    """Answer every request with 501 and the remedy."""
    return problem_response(NEEDS_ASGI.build())
