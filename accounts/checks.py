"""Checks for settings that would lock people out.

Each names its variable, before people meet a login loop behind a proxy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name for it
from django.http.request import validate_host
from rest_framework.settings import api_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS, ORIGINS = "TRANSCRIBE_ALLOWED_HOSTS", "TRANSCRIBE_TRUSTED_ORIGINS"
HTTPS, FORWARDED = "TRANSCRIBE_HTTPS", "TRANSCRIBE_FORWARDED_HEADERS"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
DEFAULT_PORTS = {"http": "80", "https": "443"}
RATES = {
    "sign_in": "TRANSCRIBE_SIGN_IN_RATE",
    "sign_in_address": "TRANSCRIBE_SIGN_IN_ADDRESS_RATE",
    "bearer": "TRANSCRIBE_TOKEN_RATE",
    "submit": "TRANSCRIBE_SUBMIT_RATE",
}
RATE = re.compile(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)")
HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?")


def check_addresses(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Return the faults in hosts, origins and proxy settings.

    Each message names the variable.
    """
    return [*_check_hosts(), *_check_origins(), *_check_proxy()]


def check_rates(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Return an error for each rate limit that cannot be read."""
    rates = api_settings.DEFAULT_THROTTLE_RATES
    return [
        Error(f"{name} is {rates[scope]!r}.", hint=f"Write it like {name}=10/minute", id="accounts.E004")
        for scope, name in RATES.items()
        if not RATE.fullmatch(str(rates[scope]))
    ]


def _check_hosts() -> Iterator[CheckMessage]:
    for host in settings.ALLOWED_HOSTS:
        if host == "*":
            yield Warning(
                f"{HOSTS} contains *, so links can be made to point to any host that a request names.",
                hint=f"Name the hosts people use, as in {HOSTS}=transcribe.example.com",
                id="accounts.W001",
            )
        elif host != _strip_host(host):
            yield Error(
                f"{HOSTS} contains {host!r}, which is more than a host name and never matches.",
                hint=f"Leave out scheme, port and path: {HOSTS}={_strip_host(host)}",
                id="accounts.E001",
            )


def _strip_host(text: str) -> str:
    """Return the host name that ALLOWED_HOSTS takes.

    The text may have a scheme, a port, a path or a star.
    """
    netloc = text.rpartition("://")[2].partition("/")[0]
    if netloc.count(":") > 1 and not netloc.startswith("["):
        return f"[{netloc}]"  # IPv6 without its brackets
    return _split_port(netloc)[0].removeprefix("*").rstrip(".")


def _split_port(netloc: str) -> tuple[str, str]:
    """Return host and port; the port is empty when there is none."""
    host, port = HOST_AND_PORT.findall(netloc)[0]
    return host, port


def _check_origins() -> Iterator[CheckMessage]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        scheme, _, rest = origin.partition("://")
        if scheme not in DEFAULT_PORTS or not rest:
            yield Error(
                f"{ORIGINS} contains {origin!r}, which does not start with https:// or http://.",
                hint=f"Write it as the browser shows it: {ORIGINS}=https://{_strip_host(origin)}",
                id="accounts.E002",
            )
        else:
            yield from _check_origin(origin, scheme, rest.partition("/")[0])


def _check_origin(origin: str, scheme: str, netloc: str) -> Iterator[CheckMessage]:
    host, port = _split_port(netloc)
    plain = f"{scheme}://{host if port == DEFAULT_PORTS[scheme] else netloc}".lower()
    if origin != plain:
        yield Error(
            f"{ORIGINS} contains {origin!r}, which never matches what a browser sends.",
            hint=f"Leave out the path, the last slash and the usual port: {ORIGINS}={plain}",
            id="accounts.E003",
        )
    if not validate_host(host.replace("*", "any"), settings.ALLOWED_HOSTS):
        yield Warning(
            f"{ORIGINS} contains {origin!r}, but {HOSTS} does not allow its host: pages there are refused.",
            hint=f"Add {host.removeprefix('*')} to {HOSTS}.",
            id="accounts.W002",
        )
    yield from _check_scheme(origin, scheme)


def _check_scheme(origin: str, scheme: str) -> Iterator[CheckMessage]:
    if scheme == "https" and not settings.HTTPS:
        yield Warning(
            f"{ORIGINS} contains {origin!r}, but {HTTPS} is off: cookies are sent without encryption too.",
            hint=f"Set {HTTPS}=1",
            id="accounts.W003",
        )
    if scheme == "http" and settings.HTTPS:
        yield Warning(
            f"{ORIGINS} contains {origin!r}, but {HTTPS} is on: nobody stays signed in there.",
            hint=f"Use https:// in {ORIGINS}, or set {HTTPS}=0.",
            id="accounts.W004",
        )


def _check_proxy() -> Iterator[CheckMessage]:
    if settings.HTTPS and not settings.FORWARDED_HEADERS:
        yield Warning(
            f"{HTTPS} is on but {FORWARDED} is off: behind a proxy every page redirects to itself for ever.",
            hint=f"Set {FORWARDED}=1 and have the proxy send X-Forwarded-Proto, -Host and -For.",
            id="accounts.W005",
        )
    if settings.FORWARDED_HEADERS and LOCAL_HOSTS.issuperset(settings.ALLOWED_HOSTS):
        yield Warning(
            f"{FORWARDED} is on, so there is a proxy, but {HOSTS} allows this machine's own names alone.",
            hint=f"Add the host people open to {HOSTS}, and its https:// address to {ORIGINS}.",
            id="accounts.W006",
        )
