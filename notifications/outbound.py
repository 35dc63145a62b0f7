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
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from notifications import conf

if TYPE_CHECKING:
    from collections.abc import Mapping

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"https": 443, "http": 80}
# RFC 6052: addresses of IPv4 that a translator reaches.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
FOLLOWED = (307, 308)


class OutboundError(Exception):
    """An exchange that did not take place; the message is for whoever gave the address.

    `is_refused` tells that it was our own decision, so trying again cannot help until a setting is changed.
    """

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: what to connect to, and under which name."""

    url: SplitResult
    host: str
    port: int
    address: str


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
        answer = exchange(check_url(url), body, headers, deadline)
        if answer.status not in FOLLOWED or not answer.location:
            return answer
        following = urljoin(url, answer.location)
        if url.startswith("https:") and not following.startswith("https:"):
            raise OutboundError("It redirects from https to an address without encryption.", is_refused=True)
        url = following
    raise OutboundError(f"It redirects more than {conf.MAX_REDIRECTS} times.", is_refused=True)


def check_url(url: str) -> Target:
    """Resolve and judge an address. Raises OutboundError."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)
        name = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:  # a broken port or IPv6 address, or no name
        raise OutboundError("This is not a web address.", is_refused=True) from error
    if parts.scheme not in PORTS or not name:
        raise OutboundError("The address must begin with https://.", is_refused=True)
    if parts.username is not None or parts.password is not None:
        raise OutboundError("The address must not hold a username or password.", is_refused=True)
    for address in resolve(name, port):
        if is_listed(name, address) or (parts.scheme == "https" and is_public(address)):
            return Target(parts, name, port, str(address))
    raise OutboundError(
        "This address is not public, or not encrypted. Whoever runs this server can allow it with "
        "TRANSCRIBE_OUTBOUND_ALLOW.",
        is_refused=True,
    )


def resolve(name: str, port: int) -> list[Address]:
    """Return the addresses of a name. Raises OutboundError."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundError("The name of this host is not known.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet; what hides an IPv4 address is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if hidden is None and address in NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
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
    path = target.url.path or "/"
    query = f"?{target.url.query}" if target.url.query else ""
    try:
        with closing(connect(target, deadline)) as connection:
            stop = limit_time(connection, deadline)
            try:
                connection.request("POST", path + query, body, {**headers, "Host": target.url.netloc})
                response = connection.getresponse()
                response.read(conf.MAX_ANSWER_BYTES)
            finally:
                stop.cancel()
            return Answer(response.status, read_retry_after(response), response.headers.get("Location", ""))
    except ssl.SSLError as error:
        raise OutboundError(f"The encrypted connection could not be made: {error.reason or error}.") from error
    except TimeoutError as error:
        raise OutboundError(f"No answer within {conf.DEADLINE_SECONDS:.0f} seconds.") from error
    except (OSError, HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise OutboundError(f"No answer within {conf.DEADLINE_SECONDS:.0f} seconds.") from error
        words = getattr(error, "strerror", None) or type(error).__name__
        raise OutboundError(f"The connection failed: {words}.") from error


def connect(target: Target, deadline: float) -> HTTPConnection:
    """Return a connection to the checked address, with the host's own certificate verified. Raises OSError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel = socket.create_connection((target.address, target.port), timeout=left)
    if target.url.scheme == "https":
        try:
            channel = ssl.create_default_context().wrap_socket(channel, server_hostname=target.host)
        except OSError:
            channel.close()
            raise
    connection = HTTPConnection(target.host, target.port)
    connection.sock = channel
    return connection


def limit_time(connection: HTTPConnection, deadline: float) -> threading.Timer:
    """End the connection at the deadline, also if a byte comes now and then; cancel what is returned."""

    def end() -> None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    return timer


def read_retry_after(response: HTTPResponse) -> float | None:
    """Return the seconds that an answer asks to be left alone for, as far as they are believed; dates are not read."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), conf.RETRY_AFTER_LIMIT_SECONDS) if text.isascii() and text.isdigit() else None
