"""The one door through which addresses that people give are called: public ones only, and only those that were checked.

A name is resolved once, its addresses are judged, and the connection is made to the very address that was judged, so
that a name cannot point elsewhere a moment later. Redirects come through the same door.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.encoding import iri_to_uri
from django.utils.http import parse_http_date_safe

from notifications import conf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"https": 443, "http": 80}
# RFC 6052: addresses of IPv4 that a translator reaches.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# https://www.iana.org/assignments/ipv6-address-space: the only part of IPv6 that is given out for the internet.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
FOLLOWED = (307, 308)
NO_ADDRESS = "This is not a web address."


class OutboundError(Exception):
    """An exchange that did not take place; the message is for whoever gave the address.

    `is_refused` tells that it was our own decision, so trying again cannot help until a setting is changed.
    """

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: what to connect to, one after the other, and under which name, in the letters of DNS."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Host and port as the header Host says them: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.url.scheme] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """Path and query as a request line says them: in ASCII."""
        query = f"?{self.url.query}" if self.url.query else ""
        return iri_to_uri((self.url.path or "/") + query)


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and what its headers ask for."""

    status: int
    retry_after: float | None
    location: str


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` to `url` and return the answer, whatever its status; redirects that keep the method are followed.

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


def check_url(url: str, deadline: float | None = None) -> Target:
    """Resolve and judge an address, until `deadline` (of time.monotonic). Raises OutboundError."""
    if not url.isprintable() or " " in url:
        raise OutboundError(NO_ADDRESS, is_refused=True)
    try:
        parts = urlsplit(url)
        name, port = read_host(parts)
    except ValueError as error:  # a broken port or IPv6 address, or no name
        raise OutboundError(NO_ADDRESS, is_refused=True) from error
    if parts.scheme not in PORTS or not name:
        raise OutboundError("The address must begin with https://.", is_refused=True)
    if parts.username is not None or parts.password is not None:
        raise OutboundError("The address must not hold a username or password.", is_refused=True)
    found = resolve(name, port, deadline or time.monotonic() + conf.DEADLINE_SECONDS)
    is_encrypted = parts.scheme == "https"
    allowed = [one for one in found if is_listed(name, one) or (is_encrypted and is_public(one))]
    if allowed:
        return Target(parts, name, port, tuple(map(str, allowed)))
    raise OutboundError(
        "This address is not public, or not encrypted. Whoever runs this server can allow it with "
        "TRANSCRIBE_OUTBOUND_ALLOW.",
        is_refused=True,
    )


def find_host(url: str) -> str:
    """Return host and port of an address, the same in whatever way they are written. Raises ValueError."""
    name, port = read_host(urlsplit(url))
    return f"{name}:{port}"


def read_host(parts: SplitResult) -> tuple[str, int]:
    """Return the name in the letters of DNS, and the port. Raises ValueError for a broken port, address or name."""
    host, port = (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)
    return host if ":" in host else host.encode("idna").decode(), port


def resolve(name: str, port: int, deadline: float) -> list[Address]:
    """Return the addresses of a name. Raises OutboundError."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)
        else:
            answer.set_result([str(entry[4][0]).partition("%")[0] for entry in found])

    # In a thread of its own, as it knows no limit of time, and one that does not hold up the end of the program.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return [ipaddress.ip_address(address) for address in answer.result(max(0.0, deadline - time.monotonic()))]
    except TimeoutError as error:
        raise OutboundError("The name of this host could not be looked up in time.") from error
    except (OSError, UnicodeError) as error:
        raise OutboundError("The name of this host is not known.") from error


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet; what hides an IPv4 address is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if hidden is None and address in NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_listed(name: str, address: Address) -> bool:
    """Whether the server's owner allows a host by its name, or an address by its network."""
    for entry in conf.get_allowed_targets():
        with suppress(ValueError):
            network = ipaddress.ip_network(entry, strict=False)
            if address.version == network.version and address in network:
                return True
        if entry.lower() == name.lower():
            return True
    return False


def exchange(target: Target, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
    """Send one request to a checked address. Raises OutboundError."""
    try:
        with closing(connect(target, deadline)) as channel, EndAt(deadline, lambda: channel):
            if isinstance(channel, ssl.SSLSocket):
                channel.do_handshake()
            return converse(channel, target, body, headers)
    except (OSError, HTTPException, ValueError) as error:
        raise OutboundError(describe_failure(error, is_late=time.monotonic() >= deadline)) from error


def describe_failure(error: Exception, *, is_late: bool) -> str:
    """Return in words why an exchange failed; `is_late` when its time was over, whatever that looked like."""
    if is_late or isinstance(error, TimeoutError):
        return f"No answer within {conf.DEADLINE_SECONDS:.0f} seconds."
    if isinstance(error, ssl.SSLError):
        return f"The encrypted connection could not be made: {error.reason or error}."
    return f"The connection failed: {getattr(error, 'strerror', None) or type(error).__name__}."


def connect(target: Target, deadline: float) -> socket.socket:
    """Return a connection to the checked address; its handshake, which verifies the certificate, is to come.

    Raises OSError.
    """
    channel = reach(target.addresses, target.port, deadline)
    if target.url.scheme != "https":
        return channel
    context = ssl.create_default_context()
    return context.wrap_socket(channel, server_hostname=target.host, do_handshake_on_connect=False)


def reach(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """Return a connection to the first of these addresses that answers; each has its share of the time.

    Raises OSError.
    """
    *others, last = addresses
    for number, address in enumerate(others):
        with suppress(OSError):
            return reach(
                [address], port, min(deadline, time.monotonic() + find_left(deadline) / (len(others) + 1 - number))
            )
    channel = socket.create_connection((last, port), timeout=find_left(deadline))
    channel.settimeout(find_left(deadline))
    return channel


def find_left(deadline: float) -> float:
    """Return the seconds until `deadline`. Raises TimeoutError when it is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def converse(channel: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send the request and read its answer. Raises OSError, HTTPException and ValueError."""
    connection = HTTPConnection(target.host, target.port)
    connection.sock = channel
    connection.request("POST", target.path, body, {**headers, "Host": target.authority})
    with closing(connection.getresponse()) as response:
        # The head is the answer. Of what follows some is taken, for there are programs that stop when nobody listens.
        soon = time.monotonic() + conf.BODY_SECONDS
        with suppress(OSError, HTTPException, ValueError), EndAt(soon, lambda: channel):
            response.read(conf.MAX_ANSWER_BYTES)
        return Answer(response.status, read_retry_after(response), response.headers.get("Location", ""))


class EndAt:
    """Ends a connection at a deadline, also if a byte comes now and then: a socket's own limit is one for each byte."""

    def __init__(self, deadline: float, find_channel: Callable[[], socket.socket | None]) -> None:
        self.find_channel = find_channel
        self.timer = threading.Timer(max(0.0, deadline - time.monotonic()), self.end)
        self.timer.daemon = True

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()

    def end(self) -> None:
        """Let whoever reads or writes see the end of the connection."""
        channel = self.find_channel()
        if channel is not None:
            with suppress(OSError):
                # Not the method of an SSLSocket, which takes away what another thread is reading by.
                socket.socket.shutdown(channel, socket.SHUT_RDWR)


def read_retry_after(response: HTTPResponse) -> float | None:
    """Return the seconds that an answer asks to be left alone for, as far as they are believed (RFC 9110, 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return min(float(text), conf.RETRY_AFTER_LIMIT_SECONDS)
    date = parse_http_date_safe(text)
    return None if date is None else min(max(0.0, date - time.time()), conf.RETRY_AFTER_LIMIT_SECONDS)
