"""Answers requests for the stream under a server that cannot hold one open: pages then ask every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required

from foundation.problems import ProblemRow, problem_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NEEDS_ASGI = ProblemRow(
    "stream_unavailable",
    501,
    "",
    "This server was started as a WSGI application, which cannot keep streams open. "
    "Start transcribe_site.asgi with an ASGI server such as uvicorn, or ask /api/jobs/ now and then.",
)


@login_not_required  # no sender is asked who they are
def refuse_stream(_request: HttpRequest) -> HttpResponse:
    """Answer with 501 and the way out."""
    return problem_response(NEEDS_ASGI.build())
