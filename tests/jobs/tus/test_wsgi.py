"""Under WSGI uploads are refused with the way out.

Under ASGI that answer never appears.
"""

import json

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/uploads/", "/api/uploads/3e8c1b1c-9d9b-4d67-9a4e-6d1c43a0a6f3"])
def test_under_wsgi_it_says_what_is_missing(method, path):
    response = WSGIHandler().get_response(RequestFactory().generic(method, path))
    assert (response.status_code, response["Content-Type"]) == (501, "application/problem+json")
    if method != "HEAD":
        assert json.loads(response.content)["code"] == "uploads_need_asgi"


def test_under_asgi_the_application_in_front_answers(sender):
    assert sender.send("OPTIONS").status == 204
    assert sender.begin(10)
