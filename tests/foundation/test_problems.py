"""The one error shape, wherever an error comes from."""

import json

import pytest
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.test import override_settings
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer, StaticHTMLRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from foundation import problems
from foundation.problems import Problem, ProblemError

factory = APIRequestFactory()


class TokenSignIn(BaseAuthentication):
    def authenticate(self, request):
        return None

    def authenticate_header(self, request):
        return "Bearer"


class WaitFiveSeconds(BaseThrottle):
    def allow_request(self, request, view):
        return False

    def wait(self):
        return 4.2


class Form(serializers.Serializer):
    title = serializers.CharField(max_length=3)


class EchoView(APIView):
    """Raises the test's error, or else validates."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer, BrowsableAPIRenderer)
    error = None

    def get(self, request):
        if self.error:
            raise self.error
        return Response({"fine": True})

    def post(self, request):
        Form(data=request.data).is_valid(raise_exception=True)
        return Response({"fine": True})


def ask(request=None, **options):
    response = EchoView.as_view(**options)(request or factory.get("/api/echo/"))
    return response.render() if hasattr(response, "render") else response


def read(response):
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return body


def test_a_problem_has_the_five_members_and_its_extras():
    problem = Problem(409, "job_finished", "The job has ended.", "Too late", {"job": 7})
    assert read(problems.problem_response(problem)) == {
        "type": "/docs/problems#job_finished",
        "title": "Too late",
        "status": 409,
        "detail": "The job has ended.",
        "code": "job_finished",
        "job": 7,
    }


def test_a_problem_without_title_is_titled_by_its_status():
    assert Problem(409, "job_finished").as_dict()["title"] == "Conflict"


def test_extras_cannot_replace_the_five_members():
    assert Problem(409, "job_finished", extras={"code": "other"}).as_dict()["code"] == "job_finished"


def test_the_error_says_what_its_problem_is():
    assert (
        str(ProblemError(Problem(409, "job_finished", "The job has ended."))) == "409 job_finished: The job has ended."
    )


def test_headers_of_a_problem_go_out():
    response = problems.problem_response(Problem(503, "busy", headers={"Retry-After": "9"}))
    assert (response["Retry-After"], response["X-Content-Type-Options"]) == ("9", "nosniff")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("secret"), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.APIException(), 500, "error"),
        (exceptions.APIException("Own words", code="own_code"), 500, "own_code"),
        (RequestDataTooBig(), 413, "too_large"),
        (DisallowedHost(), 400, "host_not_allowed"),
        (ProblemError(Problem(409, "job_finished", "The job has ended.")), 409, "job_finished"),
    ],
)
def test_each_exception_has_its_status_and_code(error, status, code):
    body = read(ask(error=error))
    assert (body["status"], body["code"], bool(body["detail"]), bool(body["title"])) == (status, code, True, True)


def test_a_404_tells_nothing_of_what_was_looked_for():
    assert (
        read(ask(error=Http404("No Job matches the given query.")))["detail"] == problems.STANDARD["not_found"].detail
    )


@pytest.mark.parametrize(
    ("words", "detail"), [("Only for owners.", "Only for owners."), ("", "You are not allowed to do this.")]
)
def test_a_403_says_why_when_it_was_told(words, detail):
    assert read(ask(error=PermissionDenied(words)))["detail"] == detail


def test_our_own_fault_is_left_to_django():
    with pytest.raises(ZeroDivisionError):
        ask(error=ZeroDivisionError())


def test_an_invalid_form_lists_messages_by_field():
    body = read(ask(factory.post("/api/echo/", {"title": "long"}, format="json")))
    assert (body["status"], body["code"]) == (400, "invalid")
    assert body["errors"] == {"title": ["Ensure this field has no more than 3 characters."]}


@pytest.mark.parametrize(
    ("detail", "errors"),
    [
        ("Wrong.", {"non_field_errors": ["Wrong."]}),
        ({"title": ["Too long.", "Too dull."]}, {"title": ["Too long.", "Too dull."]}),
        ({"owner": {"name": ["Missing."]}}, {"owner.name": ["Missing."]}),
        ({"items": [{}, {"name": ["Missing."]}]}, {"items.1.name": ["Missing."]}),
        ([{"name": ["Missing."]}], {"0.name": ["Missing."]}),
    ],
)
def test_nested_errors_are_named_by_path(detail, errors):
    assert read(ask(error=exceptions.ValidationError(detail)))["errors"] == errors


def test_broken_json_is_a_parse_error():
    request = factory.post("/api/echo/", "{", content_type="application/json")
    assert read(ask(request))["code"] == "parse_error"


def test_a_wrong_method_is_405_and_names_the_right_ones():
    response = ask(factory.delete("/api/echo/"))
    assert (read(response)["code"], response.status_code) == ("method_not_allowed", 405)
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_foreign_content_type_is_415():
    request = factory.post("/api/echo/", "<a/>", content_type="text/xml")
    assert read(ask(request))["code"] == "unsupported_media_type"


def test_an_unacceptable_accept_is_406():
    assert read(ask(factory.get("/api/echo/", headers={"accept": "image/png"})))["code"] == "not_acceptable"


def test_a_401_keeps_the_header_that_says_how_to_sign_in():
    response = ask(authentication_classes=(TokenSignIn,), permission_classes=(IsAuthenticated,))
    assert (read(response)["code"], response["WWW-Authenticate"]) == ("not_authenticated", "Bearer")


def test_without_a_way_to_sign_in_it_is_403():
    response = ask(permission_classes=(IsAuthenticated,))
    assert (read(response)["code"], response.status_code) == ("permission_denied", 403)


def test_a_throttled_call_says_when_to_come_again():
    response = ask(throttle_classes=(WaitFiveSeconds,))
    assert (read(response)["code"], response.status_code, response["Retry-After"]) == ("throttled", 429, "5")


def test_a_throttle_that_knows_no_time_names_none():
    assert "Retry-After" not in ask(error=exceptions.Throttled())


def test_errors_ignore_the_format_that_was_asked_for():
    request = factory.get("/api/echo/", {"format": "html"})
    response = ask(request, error=Http404(), renderer_classes=(JSONRenderer, StaticHTMLRenderer))
    assert read(response)["code"] == "not_found"


def test_people_in_the_browsable_api_stay_in_it():
    request = factory.get("/api/echo/", headers={"accept": "text/html"})
    response = ask(request, error=exceptions.Throttled(wait=3))
    page = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert (response["Retry-After"], page.count("&quot;code&quot;: &quot;throttled&quot;")) == ("3", 1)


def test_the_browsable_api_shows_a_problem_where_the_view_has_another_format_first():
    class FirstFormat(JSONRenderer):
        media_type = "text/plain"
        format = "txt"

        def render(self, data, *args, **kwargs):
            return data["no such key"]

    request = factory.get("/api/echo/", headers={"accept": "text/html"})
    response = ask(request, error=Http404(), renderer_classes=(FirstFormat, BrowsableAPIRenderer))
    assert response.content.decode().count("&quot;code&quot;: &quot;not_found&quot;") == 1


def read_page(response):
    assert response["Content-Type"] == "text/html; charset=utf-8"
    return response.content.decode()


VIEWS = [
    (problems.bad_request, 400, "bad_request"),
    (problems.permission_denied, 403, "permission_denied"),
    (problems.not_found, 404, "not_found"),
    (problems.server_error, 500, "error"),
    (problems.csrf_failure, 403, "csrf_failed"),
]
TEMPLATE = "{{ status }}|{{ title }}|{{ detail }}|{{ code }}|{% if request %}request{% endif %}"


def use_template(source, **options):
    loader = ("django.template.loaders.locmem.Loader", {"error.html": source} if source is not None else {})
    engine = {"loaders": [loader], "context_processors": ["django.template.context_processors.request"], **options}
    return override_settings(
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": engine}]
    )


@pytest.mark.parametrize(("view", "status", "code"), VIEWS)
def test_errors_on_the_api_are_json(rf, view, status, code):
    body = read(view(rf.get("/api/nothing/")))
    assert (body["status"], body["code"]) == (status, code)


@pytest.mark.parametrize(
    "accept", ["application/json", "application/problem+json", "application/json, text/html;q=0.1"]
)
def test_errors_for_who_prefers_json_are_json(rf, accept):
    assert read(problems.not_found(rf.get("/nothing/", headers={"accept": accept})))["code"] == "not_found"


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "image/png"])
def test_errors_for_anyone_else_are_pages(rf, accept):
    with use_template(TEMPLATE):
        response = problems.not_found(rf.get("/nothing/", headers={"accept": accept}))
    assert (read_page(response).split("|")[0], response["Vary"]) == ("404", "Accept")


@pytest.mark.parametrize(("view", "status", "code"), VIEWS)
def test_pages_get_status_title_detail_and_code(rf, view, status, code):
    with use_template(TEMPLATE):
        page = read_page(view(rf.get("/nothing/")))
    title, detail = problems.STANDARD[code].title, problems.STANDARD[code].detail
    assert page.split("|")[:4] == [str(status), title, detail, code]


@pytest.mark.parametrize(("view", "seen"), [(problems.not_found, "request"), (problems.server_error, "")])
def test_only_a_page_that_can_afford_it_runs_context_processors(rf, view, seen):
    with use_template(TEMPLATE):
        assert read_page(view(rf.get("/nothing/"))).split("|")[-1] == seen


@pytest.mark.parametrize(
    "source",
    [None, "{% no_such_tag %}", "{% url 'no-such-name' %}", "{% extends 'gone.html' %}", "{% include 'gone.html' %}"],
)
@pytest.mark.parametrize(("view", "status", "code"), VIEWS)
def test_a_broken_template_does_not_break_the_error_page(rf, view, status, code, source):
    with use_template(source):
        response = view(rf.get("/nothing/"))
    title, detail = problems.STANDARD[code].title, problems.STANDARD[code].detail
    plain = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>'
    assert (response.status_code, read_page(response)) == (status, plain)


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        (RequestDataTooBig(), 413, "too_large"),
        (DisallowedHost(), 400, "host_not_allowed"),  # pains O3
        (SuspiciousOperation(), 400, "bad_request"),
        (None, 400, "bad_request"),
    ],
)
def test_a_bad_request_is_named_by_its_cause(rf, exception, status, code):
    body = read(problems.bad_request(rf.get("/api/nothing/"), exception))
    assert (body["status"], body["code"]) == (status, code)


def test_a_failed_csrf_check_names_djangos_reason(rf):
    assert (
        read(problems.csrf_failure(rf.post("/api/jobs/"), "Origin checking failed"))["reason"]
        == "Origin checking failed"
    )


def test_an_unknown_code_is_no_standard_problem():
    with pytest.raises(KeyError):
        problems.standard_problem("no_such_code")
