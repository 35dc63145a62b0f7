"""The public address that tells the version."""

import json

import pytest
from django.urls import resolve

from versioning import __version__
from versioning.context_processors import frontend_version
from versioning.views import show_version


def test_anyone_can_read_the_version_and_the_policy(rf, settings):
    settings.TRANSCRIBE_MINIMUM_FRONTEND = "0.0.7"
    settings.TRANSCRIBE_VERSION_POLICY = "exact"
    response = show_version(rf.get("/version"))
    assert (response.status_code, response["Cache-Control"]) == (200, "no-cache")
    assert json.loads(response.content) == {"version": __version__, "minimum_frontend": "0.0.7", "policy": "exact"}


def test_head_is_answered_like_get(rf):
    head, get = show_version(rf.head("/version")), show_version(rf.get("/version"))
    assert (head.status_code, head.headers) == (200, get.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_405_in_the_error_shape(rf, method):
    response = show_version(rf.generic(method, "/version"))
    body = json.loads(response.content)
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert (body["code"], response["Allow"]) == ("method_not_allowed", "GET, HEAD")


def test_it_is_at_version_without_csrf_and_sign_in():
    view = resolve("/version").func
    assert (view, view.csrf_exempt, view.login_required) == (show_version, True, False)


def test_templates_get_the_version_that_the_page_sends_back(rf):
    assert frontend_version(rf.get("/")) == {"frontend_version": __version__}
