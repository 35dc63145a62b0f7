"""Each address is open by name, or asks for a sign-in."""

import re
from types import ModuleType
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, path

from transcribe_site.urls import urlpatterns

OPEN = {
    "sign_in",
    "sign_out",
    "set_up",
    "invitation",
    "admin_login",  # leads to the sign-in page
    "login",  # the admin's own, hidden behind the one above
    "version",
    "schema",  # says nothing about anybody
    "api_docs",
    "manifest",
    "service_worker",
    "offline",
    "share",
    "stream_refused",
    "uploads_refused",
}
SAMPLES = {"uuid": str(UUID(int=0)), "slug": "txt"}


def list_views(resolver, prefix=""):
    """Yield name and pattern of each view.

    Such as ("job", "jobs/<uuid:pk>/").
    """
    for pattern in resolver.url_patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_views(pattern, place)
        else:
            yield pattern.name, place


def make_up(place):
    """Return an address that fits a pattern."""
    address = re.sub(r"\(\?P<\w+>(\w*)[^)]*\)", lambda group: group[1] or "1", place)
    address = re.sub(r"<(?:(\w+):)?\w+>", lambda part: SAMPLES.get(part[1], "1"), address)
    return "/" + re.sub(r"[\^$]", "", address)


VIEWS = list(list_views(get_resolver()))
CLOSED = [place for name, place in VIEWS if name not in OPEN]


def test_what_is_open_is_there():
    assert {name for name, _ in VIEWS} >= OPEN


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("place", CLOSED)
def test_a_visitor_is_asked_to_sign_in(client, db, place, method):
    response = getattr(client, method)(make_up(place))
    asked = response.status_code in {401, 405} or response.get("Location", "").startswith(
        ("/sign-in/", "/admin/login/")
    )
    assert asked, response.status_code


def test_an_address_that_does_not_exist_is_not_found_for_a_visitor_too(client, db):
    assert client.get("/nothing-here").status_code == 404


@pytest.mark.parametrize("place", ["/fragments/jobs/", f"/fragments/jobs/{UUID(int=0)}/"])
def test_a_polled_part_is_401_and_no_page(client, db, place):
    assert client.get(place).status_code == 401


def test_whoever_signs_out_twice_is_led_to_the_sign_in_page(client, db):
    assert client.post("/sign-out/")["Location"] == "/sign-in/"


def test_a_view_that_says_nothing_is_closed(client, db, settings):
    addresses = ModuleType("addresses")
    addresses.urlpatterns = [*urlpatterns, path("silent/", lambda _request: HttpResponse())]
    settings.ROOT_URLCONF = addresses
    assert client.get("/silent/")["Location"] == "/sign-in/?next=/silent/"
