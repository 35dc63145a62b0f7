"""The only way by which addresses that people enter are called.

Redirects go by it again.
"""

from __future__ import annotations

import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.utils.http import parse_http_date_safe

from notifications import conf
from notifications.connections import EndAt, reach
from notifications.targets import OutboundError, Target, check_url

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping


# Redirects that keep the method and the body.
FOLLOWED = (307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and what its headers ask for.

    `retry_after` is in seconds.
    """

    status: int
    retry_after: float | None
    location: str


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` to `url` and return the answer, whatever its status.

    Redirects that keep the method are followed, up to MAX_REDIRECTS.

    Raises:
        OutboundError: the address is not allowed, or there was no answer within DEADLINE_SECONDS in all.
    """
    deadline = time.monotonic() + conf.DEADLINE_SECONDS
    for _ in range(conf.MAX_REDIRECTS + 1):
        answer = exchange(check_url(url, deadline), body, headers, deadline)
        if answer.status not in FOLLOWED or not answer.location:
            return answer
        try:
            following = urljoin(url, answer.location)
        except ValueError as error:
            raise OutboundError("It redirects to what is no web address.", is_refused=True) from error
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
            raise OutboundError("It redirects from https to an address without encryption.", is_refused=True)
        url = following
    raise OutboundError(f"It redirects more than {conf.MAX_REDIRECTS} times.", is_refused=True)


def exchange(target: Target, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
    """Send one request to a checked address.

    Raises:
        OutboundError: there was no answer, or it was not HTTP.
    """
    try:
        with closing(connect(target, deadline)) as channel, EndAt(deadline, lambda: channel):
            if isinstance(channel, ssl.SSLSocket):
                channel.do_handshake()
            return converse(channel, target, body, headers)
    except (OSError, HTTPException, ValueError) as error:
        raise OutboundError(describe_failure(error, is_late=time.monotonic() >= deadline)) from error


def describe_failure(error: Exception, *, is_late: bool) -> str:
    """Return in words why an exchange failed.

    `is_late` when its time was over, whatever that looked like.
    """
    if is_late or isinstance(error, TimeoutError):
        return f"No answer within {conf.DEADLINE_SECONDS:.0f} seconds."
    if isinstance(error, ssl.SSLError):
        return f"The encrypted connection could not be made: {error.reason or error}."
    if isinstance(error, ConnectionError) and not error.errno:  # RemoteDisconnected, which is an HTTPException too
        return "It closed the connection without an answer."
    if isinstance(error, (HTTPException, ValueError)):
        return "What it answered is not HTTP."
    return f"The connection failed: {getattr(error, 'strerror', None) or type(error).__name__}."


def connect(target: Target, deadline: float) -> socket.socket:
    """Return a connection to the checked address.

    Its handshake, which verifies the certificate, is to come.

    Raises:
        OSError: it cannot be reached, or the deadline is over.
    """
    channel = reach(target.addresses, target.port, deadline)
    if target.url.scheme != "https":
        return channel
    context = ssl.create_default_context()
    return context.wrap_socket(channel, server_hostname=target.host, do_handshake_on_connect=False)


def converse(channel: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send the request and read its answer.

    Raises:
        OSError: the connection failed.
        HTTPException: the answer is not HTTP.
        ValueError: likewise, the answer is not HTTP.
    """
    connection = HTTPConnection(target.host, target.port)
    connection.sock = channel
    connection.request("POST", target.path, body, {**headers, "Host": target.authority})
    with closing(connection.getresponse()) as response:
        # The head is the answer. Some of what follows is read: there are programs that stop when it is not.
        soon = time.monotonic() + conf.BODY_SECONDS
        with suppress(OSError, HTTPException, ValueError), EndAt(soon, lambda: channel):
            response.read(conf.MAX_ANSWER_BYTES)
        return Answer(response.status, read_retry_after(response), response.headers.get("Location", ""))


def read_retry_after(response: HTTPResponse) -> float | None:
    """Return the seconds until the receiver is to be called again.

    None when the answer does not say (RFC 9110, 10.2.3), RETRY_AFTER_LIMIT_SECONDS when it says more.
    """
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return min(float(text), conf.RETRY_AFTER_LIMIT_SECONDS)
    date = parse_http_date_safe(text)
    return None if date is None else min(max(0.0, date - time.time()), conf.RETRY_AFTER_LIMIT_SECONDS)
