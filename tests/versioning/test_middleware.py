"""Which requests are turned away, and what every response carries. pains O2"""

import json

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpResponse

from versioning import conf
from versioning.middleware import FrontendVersionMiddleware
from versioning.versions import BACKEND, Version

CHECKED = ["/api/jobs/", "/fragments/jobs/"]


class View:
    """A view that counts how often it ran."""

    def __init__(self):
        self.runs = 0

    def __call__(self, request):
        self.runs += 1
        return HttpResponse("fine", headers={"Vary": "Cookie"})


def ask(rf, path, frontend=None):
    """Return (response, how often the view ran)."""
    view = View()
    headers = {} if frontend is None else {"X-Frontend-Version": frontend}
    return FrontendVersionMiddleware(view)(rf.get(path, headers=headers)), view.runs


@pytest.fixture
def back_end_of_2_3_4(monkeypatch, settings):
    monkeypatch.setattr(conf, "BACKEND", Version(2, 3, 4))
    settings.TRANSCRIBE_MINIMUM_FRONTEND = "2.1.0"


@pytest.mark.parametrize("path", CHECKED)
def test_a_page_of_another_version_is_refused_before_the_view(rf, back_end_of_2_3_4, path):
    response, runs = ask(rf, path, "2.0.9")
    body = json.loads(response.content)
    assert (response.status_code, response["Content-Type"], runs) == (409, "application/problem+json", 0)
    assert {name: body[name] for name in ("code", "frontend", "backend", "minimum")} == {
        "code": "version_mismatch",
        "frontend": "2.0.9",
        "backend": "2.3.4",
        "minimum": "2.1.0",
    }


@pytest.mark.parametrize("path", CHECKED)
@pytest.mark.parametrize("frontend", ["", "latest", "1.2", "\u00fc", "1.2.3, 1.2.3"])
def test_a_malformed_version_is_refused_too(rf, path, frontend):
    response, runs = ask(rf, path, frontend)
    assert (response.status_code, runs) == (409, 0)


@pytest.mark.parametrize("path", CHECKED)
@pytest.mark.parametrize("frontend", [str(BACKEND), None])
def test_the_same_version_and_no_version_pass(rf, path, frontend):
    response, runs = ask(rf, path, frontend)
    assert (response.status_code, runs) == (200, 1)


@pytest.mark.parametrize("path", ["/", "/version", "/recordings/", "/apis/", "/api", "/api/uploads/7"])
def test_other_paths_and_uploads_serve_every_version(rf, path):
    response, runs = ask(rf, path, "99.0.0")
    assert (response.status_code, runs) == (200, 1)


@pytest.mark.parametrize(("policy", "status"), [("compatible", 200), ("exact", 409)])
def test_the_policy_is_read_from_the_settings(rf, settings, back_end_of_2_3_4, policy, status):
    settings.TRANSCRIBE_VERSION_POLICY = policy
    assert ask(rf, "/api/jobs/", "2.2.0")[0].status_code == status


@pytest.mark.parametrize(("path", "frontend"), [("/", None), ("/api/jobs/", None), ("/api/jobs/", "99.0.0")])
def test_every_response_carries_our_version(rf, path, frontend):
    assert ask(rf, path, frontend)[0]["X-Backend-Version"] == str(BACKEND)


@pytest.mark.parametrize(
    ("path", "frontend", "vary"),
    [
        ("/", None, "Cookie"),
        ("/api/uploads/7", None, "Cookie"),
        ("/api/jobs/", None, "Cookie, X-Frontend-Version"),
        ("/api/jobs/", "99.0.0", "X-Frontend-Version"),
    ],
)
def test_caches_are_told_where_the_version_matters(rf, path, frontend, vary):
    assert ask(rf, path, frontend)[0]["Vary"] == vary


def test_a_refusal_is_not_stored(rf):
    assert ask(rf, "/api/jobs/", "99.0.0")[0]["Cache-Control"] == "no-store"


async def serve_async(request):
    return HttpResponse("fine")


@pytest.mark.asyncio
@pytest.mark.parametrize(("frontend", "status"), [(str(BACKEND), 200), ("99.0.0", 409)])
async def test_it_works_in_an_async_stack(rf, frontend, status):
    middleware = FrontendVersionMiddleware(serve_async)
    response = await middleware(rf.get("/api/jobs/", headers={"X-Frontend-Version": frontend}))
    assert (response.status_code, response["X-Backend-Version"]) == (status, str(BACKEND))


def test_it_is_async_exactly_when_the_stack_is():
    stacks = (serve_async, View())
    assert [iscoroutinefunction(FrontendVersionMiddleware(stack)) for stack in stacks] == [True, False]


def test_answers_of_other_middleware_carry_our_version_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/version")
    assert (response.status_code, response["X-Backend-Version"]) == (301, str(BACKEND))
