"""Addresses that may be called.

They are public ones over an encrypted connection, and those that the server's owner allows.

A name is resolved once and its addresses are judged; connections are made to the very addresses that were.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.encoding import iri_to_uri

from notifications import conf

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"https": 443, "http": 80}
# RFC 6052: addresses of IPv4 that a translator reaches.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# https://www.iana.org/assignments/ipv6-address-space: the only part of IPv6 that is given out for the internet.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NO_ADDRESS = "This is not a web address."


class OutboundError(Exception):
    """An exchange that did not take place.

    The message is for the person who entered the address. `is_refused`: it was refused here,
    so trying again cannot help until a setting is changed.
    """

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: `addresses` are tried one after the other.

    `host` is its name in the letters of DNS.
    """

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Host and port as in the header Host.

        The port is left out where it is the usual one.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.url.scheme] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """Path and query as in a request line, in ASCII."""
        query = f"?{self.url.query}" if self.url.query else ""
        return iri_to_uri((self.url.path or "/") + query)


def check_url(url: str, deadline: float | None = None) -> Target:
    """Resolve and judge an address, until `deadline` (of time.monotonic).

    Raises:
        OutboundError: it may not be called, or its name is not known.
    """
    if not url.isprintable() or " " in url:
        raise OutboundError(NO_ADDRESS, is_refused=True)
    try:
        parts = urlsplit(url)
        name, port = read_host(parts)
    except ValueError as error:  # a broken port or IPv6 address, or no name
        raise OutboundError(NO_ADDRESS, is_refused=True) from error
    if parts.port == 0:
        raise OutboundError(NO_ADDRESS, is_refused=True)
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
    """Return host and port of an address in one spelling.

    Raises:
        ValueError: it has a broken port, address or name.
    """
    name, port = read_host(urlsplit(url))
    return f"{name}:{port}"


def read_host(parts: SplitResult) -> tuple[str, int]:
    """Return the name in the letters of DNS, and the port.

    Raises:
        ValueError: the port, address or name is broken.
    """
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    return host if ":" in host else spell_name(host), port


def spell_name(name: str) -> str:
    """Return a name in the letters of DNS, in one spelling.

    Raises:
        ValueError: the name is broken.
    """
    return name.rstrip(".").lower().encode("idna").decode()


def resolve(name: str, port: int, deadline: float) -> list[Address]:
    """Return the addresses of a name.

    Raises:
        OutboundError: the name is not known, or not looked up by `deadline`.
    """
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)
        else:
            answer.set_result([str(entry[4][0]).partition("%")[0] for entry in found])

    # In a thread of its own, as it has no limit of time; a daemon, which does not hold up the end of the program.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return [ipaddress.ip_address(address) for address in answer.result(max(0.0, deadline - time.monotonic()))]
    except TimeoutError as error:
        raise OutboundError("The name of this host could not be looked up in time.") from error
    except (OSError, UnicodeError) as error:
        raise OutboundError("The name of this host is not known.") from error


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet.

    An IPv6 address that hides an IPv4 address is judged by that.
    """
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
    """Whether the server's owner allows this name or the address's network."""
    for entry in conf.get_allowed_targets():
        with suppress(ValueError):
            network = ipaddress.ip_network(entry, strict=False)
            if address.version == network.version and address in network:
                return True
        with suppress(ValueError):
            if spell_name(entry) == spell_name(name):
                return True
    return False
