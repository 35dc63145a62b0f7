"""Under WSGI a stream is refused with the way out.

The page then asks every few seconds.
"""

import json

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory


def test_under_wsgi_it_says_what_is_missing():
    response = WSGIHandler().get_response(RequestFactory().get("/api/events/"))
    assert (response.status_code, response["Content-Type"]) == (501, "application/problem+json")
    assert json.loads(response.content)["code"] == "stream_unavailable"
