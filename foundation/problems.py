"""The one error shape of the program: RFC 9457 problem details for the API and error pages."""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import dataclass, field
from functools import singledispatch
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.urls import NoReverseMatch
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.views.decorators.csrf import requires_csrf_token
from rest_framework import views
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTENT_TYPE = "application/problem+json"
JSON_TYPES = ("application/json", CONTENT_TYPE)
NOSNIFF = {"X-Content-Type-Options": "nosniff"}  # some go out before the middleware that adds it elsewhere


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What is the same in all problems with one code.

    `note` is for programs; docs/problems.md has it beside `detail`.
    """

    code: str
    status: int
    title: str
    detail: str
    note: str = ""

    def build(self, **changes: Any) -> Problem:
        """Return the problem of this row; `changes` replace its fields."""
        fields = {"status": self.status, "code": self.code, "title": self.title, "detail": self.detail}
        return Problem(**{**fields, **changes})


STANDARD: Mapping[str, ProblemRow] = {
    row.code: row
    for row in (
        ProblemRow("bad_request", 400, "Bad request", "The server could not make sense of this request."),
        ProblemRow(
            "host_not_allowed",
            400,
            "Unknown address",
            "This server does not answer under the address you used. Its owner can add it to the allowed hosts.",
            "The allowed hosts are `TRANSCRIBE_ALLOWED_HOSTS`.",
        ),
        ProblemRow(
            "invalid",
            400,
            "Invalid input",
            "Some of what you sent is missing or not valid. See errors.",
            "`errors` lists the messages under each field's name. Nested fields are joined by dots; "
            "what concerns no field is under `non_field_errors`.",
        ),
        ProblemRow(
            "parse_error",
            400,
            "Unreadable input",
            "The body of the request could not be read.",
            "Send well-formed JSON or form data, as the content type says.",
        ),
        ProblemRow(
            "not_authenticated",
            401,
            "Sign-in needed",
            "Sign in, or send a token.",
            "A token is sent as `Authorization: Bearer TOKEN`.",
        ),
        ProblemRow(
            "authentication_failed",
            401,
            "Sign-in failed",
            "Your sign-in or token was not accepted.",
            "Make a new token, or sign in again.",
        ),
        ProblemRow(
            "permission_denied",
            403,
            "Not allowed",
            "You are not allowed to do this.",
            "Ask the owner of this server.",
        ),
        ProblemRow(
            "csrf_failed",
            403,
            "Request not verified",
            "This request could not be traced to a page of this site as it is now, so nothing was done. That happens to "
            "a page that was open while you signed in or out in another tab: open it anew and try again.",
            "`reason` has the technical cause. Behind a proxy, see `TRANSCRIBE_TRUSTED_ORIGINS`.",
        ),
        ProblemRow("not_found", 404, "Not found", "There is nothing here, or it is not yours."),
        ProblemRow(
            "method_not_allowed",
            405,
            "Method not allowed",
            "This address does not take that method.",
            "The `Allow` header lists those it takes.",
        ),
        ProblemRow(
            "not_acceptable",
            406,
            "Format not available",
            "The answer cannot be given in a format you accept.",
            "Accept `application/json`.",
        ),
        ProblemRow("too_large", 413, "Too large", "You sent more than this server takes in one request."),
        ProblemRow(
            "unsupported_media_type",
            415,
            "Unsupported content type",
            "This address does not read that content type.",
            "Send JSON or form data.",
        ),
        ProblemRow(
            "throttled",
            429,
            "Too many requests",
            "You sent too many requests. Wait a little and try again.",
            "The `Retry-After` header has the seconds to wait.",
        ),
        ProblemRow("error", 500, "Server error", "Something went wrong on the server. It was logged; try again later."),
        ProblemRow(
            "database_unavailable",
            503,
            "Database not available",
            "The server can't reach its database at the moment, so what you asked for may not have been done. "
            "Everything that was stored before is kept. Try again in a few seconds.",
            "The `Retry-After` header has the seconds to wait. With an `Idempotency-Key` a job is not made twice.",
        ),
    )
}
# What Django raises when the connection is lost or not to be had, and when the database holds a request up too long.
OUTAGES = (OperationalError, InterfaceError)
OUTAGE_RETRY_SECONDS = 5

# What rendering a page can raise: a broken template or link, a missing static file, no database, a hostile host name.
PAGE_FAILURES = (
    TemplateDoesNotExist,
    TemplateSyntaxError,
    NoReverseMatch,
    ValueError,
    OSError,
    DatabaseError,
    SuspiciousOperation,
)
PLAIN_PAGE = '<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>'


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as the client sees it.

    `code` is stable and meant for programs, `detail` is a plain sentence about this occurrence, `extras` become
    further members of the body, `headers` go out with the response.
    """

    status: int
    code: str
    detail: str = ""
    title: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the members of the JSON body; the five standard ones cannot be overridden by extras."""
        return {
            **self.extras,
            "type": f"/docs/problems#{self.code}",
            "title": self.title or get_status_title(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }

    def encode(self) -> bytes:
        """Return the JSON body as UTF-8."""
        return json.dumps(self.as_dict(), cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def get_status_title(status: int) -> str:
    """Return what an HTTP status is called; some protocols have more of them than HTTP."""
    try:
        return HTTPStatus(status).phrase.capitalize()
    except ValueError:
        return "Request refused"


class ProblemError(Exception):
    """Raised by layers that know what the client should be told; the API answers with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


def standard_problem(code: str, **changes: Any) -> Problem:
    """Return the problem of STANDARD under `code`; `changes` replace its fields. Raises KeyError for others."""
    return STANDARD[code].build(**changes)


def problem_response(problem: Problem) -> HttpResponse:
    """Return the problem as a response of type application/problem+json."""
    headers = {**NOSNIFF, **problem.headers}
    return HttpResponse(problem.encode(), status=problem.status, headers=headers, content_type=CONTENT_TYPE)


@singledispatch
def describe_exception(_exc: Exception) -> Problem | None:
    """Return what a client is told about an exception; None for one that is our own fault (500)."""
    return None


@describe_exception.register
def _(exc: ProblemError) -> Problem | None:
    return exc.problem


@describe_exception.register
def _(_exc: Http404) -> Problem | None:
    return standard_problem("not_found")


@describe_exception.register
def _(exc: PermissionDenied) -> Problem | None:
    return standard_problem("permission_denied", **({"detail": str(exc)} if str(exc) else {}))


@describe_exception.register
def _(_exc: RequestDataTooBig) -> Problem | None:
    return standard_problem("too_large")


@describe_exception.register
def _(_exc: SuspiciousOperation) -> Problem | None:
    return standard_problem("bad_request")


@describe_exception.register
def _(_exc: DisallowedHost) -> Problem | None:
    return standard_problem("host_not_allowed")


@describe_exception.register
def _(exc: ValidationError) -> Problem | None:
    errors: dict[str, list[str]] = {}
    for path, message in _walk_errors(exc.detail):
        errors.setdefault(path or "non_field_errors", []).append(message)
    return standard_problem("invalid", extras={"errors": errors})


@describe_exception.register
def _(exc: APIException) -> Problem | None:
    messages = [message for _path, message in _walk_errors(exc.detail)]
    code = getattr(exc.detail, "code", None) or exc.default_code
    title = STANDARD[code].title if code in STANDARD else ""
    return Problem(exc.status_code, code, " ".join(messages), title, headers=_get_headers(exc))


@describe_exception.register(OperationalError)
@describe_exception.register(InterfaceError)
def describe_outage(exc: Exception) -> Problem | None:
    """Return the problem of a database that is away or held up; None when the fault is in what it was asked."""
    cause = exc.__cause__
    if isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorname", "SQLITE_ERROR") == "SQLITE_ERROR":
        return None  # a missing table, say; one that is locked or cannot be opened has a name of its own
    return standard_problem("database_unavailable", headers={"Retry-After": str(OUTAGE_RETRY_SECONDS)})


def _walk_errors(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted path of the field, message) for each message of nested errors; list items get their index."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _walk_errors(value, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from _walk_errors(value, path if isinstance(value, str) else f"{path}.{index}".lstrip("."))
    else:
        yield path, str(detail)


def _get_headers(exc: APIException) -> dict[str, str]:
    """Return the headers that DRF hangs on its exceptions: who may sign in how, and when to come again."""
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(wait)
    return headers


class ProblemPageRenderer(BrowsableAPIRenderer):
    """The browsable API around a problem; the body is JSON whatever formats the view itself has."""

    def get_default_renderer(self, _view: Any) -> BaseRenderer:
        return JSONRenderer()


def drf_exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception in a DRF view with a problem, whatever `format` was asked for; None leaves it to Django.

    Set as EXCEPTION_HANDLER. People in the browsable API get the same members inside its page.
    """
    problem = describe_exception(exc)
    if problem is None:
        return None
    views.set_rollback()
    request = context["request"]
    if not isinstance(getattr(request, "accepted_renderer", None), BrowsableAPIRenderer):
        return problem_response(problem)
    request.accepted_renderer = ProblemPageRenderer()
    return Response(problem.as_dict(), status=problem.status, headers=dict(problem.headers))


def wants_json(request: HttpRequest) -> bool:
    """Tell whether an error is for a program: on the API, or when JSON is preferred to a page."""
    return request.path_info.startswith("/api/") or request.get_preferred_type(["text/html", *JSON_TYPES]) in JSON_TYPES


def answer_problem(request: HttpRequest, problem: Problem, *, bare: bool = False) -> HttpResponse:
    """Answer in JSON or with the page `error.html`; a bare page is rendered without context processors."""
    if wants_json(request):
        response = problem_response(problem)
    else:
        page = _render_page(problem, None if bare else request)
        response = HttpResponse(page, status=problem.status, headers=dict(problem.headers))
    patch_vary_headers(response, ["Accept"])
    return response


def answer_throttled(request: HttpRequest, happened: str, wait: int) -> HttpResponse:
    """Answer 429, as a page or as JSON: what `happened`, and how many seconds to wait."""
    unit = "second" if wait == 1 else "seconds"
    detail = f"{happened} Wait {wait} {unit} and try again."
    return answer_problem(request, standard_problem("throttled", detail=detail, headers={"Retry-After": str(wait)}))


def _render_page(problem: Problem, request: HttpRequest | None) -> str:
    members = problem.as_dict()
    try:
        return loader.get_template("error.html").render(members, request)
    except PAGE_FAILURES:
        return format_html(PLAIN_PAGE, title=members["title"], detail=members["detail"])


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The handler400: a body over the limit is 413, an unknown host is named as such."""
    problem = describe_exception(exception) if exception else None
    return answer_problem(request, problem or standard_problem("bad_request"), bare=True)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The handler403."""
    return answer_problem(request, standard_problem("permission_denied"))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The handler404; also usable as the view of a catch-all route."""
    return answer_problem(request, standard_problem("not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """The handler500: needs neither database nor context processors; 503 when it is the database that is away."""
    error = sys.exc_info()[1]  # Django calls this while it handles the exception, and hands it to no handler
    problem = describe_outage(error) if isinstance(error, OUTAGES) else None
    return answer_problem(request, problem or standard_problem("error"), bare=True)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF_FAILURE_VIEW; `reason` is Django's technical one, for whoever runs the server."""
    return answer_problem(request, standard_problem("csrf_failed", extras={"reason": reason}))
