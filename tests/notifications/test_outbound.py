"""Only public addresses are called.

And only the very one that was judged.
"""

import ipaddress
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.utils.http import http_date

from notifications import conf, connections, outbound, targets
from notifications.targets import OutboundError
from tests.waiting import take_time
from transcribe_site.certificate import ensure_certificate

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - to be refused
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "5f00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
]


@pytest.fixture
def point(monkeypatch):
    """Resolve every name to these addresses.

    The number of look-ups is counted.
    """
    asked = []

    def point(*addresses):
        real = socket.getaddrinfo

        def resolve(name, port, *arguments, **options):
            if name in addresses:
                return real(name, port, *arguments, **options)
            asked.append(name)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return point


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address, point, settings):
    settings.OUTBOUND_ALLOW = []
    assert not targets.is_public(ipaddress.ip_address(address))
    point(address)
    with pytest.raises(OutboundError, match="not public") as refused:
        targets.check_url("https://example.org/")
    assert refused.value.is_refused


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_what_is_public_is_called(address, point):
    point(address)
    (checked,) = targets.check_url("https://example.org/").addresses
    assert ipaddress.ip_address(checked) == ipaddress.ip_address(address)


def test_of_several_addresses_a_public_one_is_taken(point, settings):
    settings.OUTBOUND_ALLOW = []
    point("10.0.0.1", "93.184.216.34")
    assert targets.check_url("https://example.org/").addresses == ("93.184.216.34",)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://example.org:99999/",
        "https://user:password@example.org/",
        "https://user@example.org/",
        "http://example.org/",
        "https://" + "a" * 70 + ".org/",
    ],
)
def test_what_is_no_encrypted_web_address_is_refused(url, point):
    point("93.184.216.34")
    with pytest.raises(OutboundError):
        targets.check_url(url)


@pytest.mark.parametrize("url", ["https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/"])
def test_odd_ways_to_write_an_address_lead_nowhere_else(url, settings):
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(OutboundError):
        targets.check_url(url)


@pytest.mark.parametrize("entry", ["10.0.0.0/8", "10.1.2.3", "hooks.lan", "HOOKS.LAN"])
def test_the_owner_can_allow_a_host_or_a_network(entry, point, settings):
    settings.OUTBOUND_ALLOW = ["fd00::/8", entry]
    point("10.1.2.3")
    assert targets.check_url("http://hooks.lan:8080/a").port == 8080


def test_an_unknown_name_may_be_known_later(monkeypatch):
    def fail(*_arguments, **_options):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OutboundError, match="not known") as error:
        targets.check_url("https://nowhere.example/")
    assert not error.value.is_refused


def test_the_body_arrives_under_the_hosts_own_name(receiver, settings, point):
    settings.OUTBOUND_ALLOW = ["hooks.lan"]
    asked = point("127.0.0.1")
    answer = outbound.post(f"http://hooks.lan:{receiver.port}/a?b=c", b"{}", {"X-Mine": "1"})
    path, headers, body = receiver.requests[0]
    assert (answer.status, path, body, headers["X-Mine"]) == (200, "/a?b=c", b"{}", "1")
    assert headers["Host"] == f"hooks.lan:{receiver.port}"
    # The name is asked for once: what it says a moment later does not matter.
    assert asked == ["hooks.lan"]


def test_a_redirect_is_judged_as_well(receiver, settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    receiver.status, receiver.headers = 307, {"Location": "http://127.0.0.2/secret"}
    with pytest.raises(OutboundError, match="not public"):
        outbound.post(receiver.url, b"{}", {})
    assert len(receiver.requests) == 1


def test_a_redirect_to_where_one_may_go_is_followed_up_to_a_limit(receiver):
    receiver.status, receiver.headers = 308, {"Location": "/hook"}
    with pytest.raises(OutboundError, match="redirects more than 3 times"):
        outbound.post(receiver.url, b"{}", {})
    assert len(receiver.requests) == 4


def test_a_redirect_that_would_lose_the_body_is_not_followed(receiver):
    receiver.status, receiver.headers = 302, {"Location": "/elsewhere"}
    assert outbound.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.requests) == 1


def test_a_receiver_that_hangs_is_left(receiver, monkeypatch):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 0.3)
    receiver.hang = 1
    with pytest.raises(OutboundError, match="No answer within"):
        outbound.post(receiver.url, b"{}", {})


def test_a_receiver_that_sends_a_byte_now_and_then_is_left_as_well(receiver, monkeypatch):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 0.5)
    receiver.drips = "head"
    with pytest.raises(OutboundError, match="No answer within"):
        outbound.post(receiver.url, b"{}", {})


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}, {"Content-Length": "60000"}])
def test_a_body_without_an_end_holds_up_no_worker(receiver, monkeypatch, headers):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 0.5)
    receiver.drips, receiver.headers = "body", headers
    began = time.monotonic()
    assert outbound.post(receiver.url, b"{}", {}).status == 200
    # The receiver would go on for ever.
    assert time.monotonic() - began < 10


def test_a_handshake_without_an_end_holds_up_no_worker(monkeypatch, point):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 0.5)
    point("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def drip():
            near, _ = listener.accept()
            # The head of a record of TLS that is 16 KiB long, and then its bytes, one now and then.
            with near, suppress(OSError):
                near.sendall(bytes([22, 3, 3, 64, 0]))
                while True:
                    near.sendall(b"a")
                    take_time(0.05)

        pool.submit(drip)
        with pytest.raises(OutboundError, match="No answer within"):
            outbound.post(f"https://hooks.lan:{listener.getsockname()[1]}/", b"{}", {})


def test_a_lookup_without_an_end_holds_up_no_worker(monkeypatch):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 0.2)
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: is_over.wait(30) and [])
    with pytest.raises(OutboundError, match="in time") as error:
        outbound.post("https://slow.example/", b"{}", {})
    is_over.set()
    assert not error.value.is_refused


def test_names_and_paths_in_other_letters_are_called_in_those_of_the_network(receiver, settings, point):
    settings.OUTBOUND_ALLOW = ["xn--bcher-kva.example"]
    point("127.0.0.1")
    outbound.post(f"http://bücher.example:{receiver.port}/über?für=€", b"{}", {})
    path, headers, _ = receiver.requests[0]
    assert path == "/%C3%BCber?f%C3%BCr=%E2%82%AC"
    assert headers["Host"] == f"xn--bcher-kva.example:{receiver.port}"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a", "example.org"),
        ("https://EXAMPLE.org:443/a", "example.org"),
        ("https://example.org:8443/", "example.org:8443"),
        ("https://[2606:2800:220:1::1]/", "[2606:2800:220:1::1]"),
    ],
)
def test_the_port_is_said_where_it_is_not_the_usual_one(url, host, point):
    point("93.184.216.34")
    assert targets.check_url(url).authority == host


def test_a_host_is_the_same_in_whatever_way_it_is_written():
    written = ["https://example.org/a", "HTTPS://Example.ORG:443/b", "https://example.org?c"]
    assert {targets.find_host(url) for url in written} == {"example.org:443"}
    assert targets.find_host("http://example.org/") == "example.org:80"
    assert targets.find_host("https://example.org./") == "example.org:443"
    assert targets.find_host("https://bücher.example/") == targets.find_host("https://xn--bcher-kva.example/")


def test_a_closed_port_is_said(receiver):
    receiver.close()
    with pytest.raises(OutboundError, match="Connection refused"):
        outbound.post(receiver.url, b"{}", {})


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("999999", 3600), ("soon", None), ("", None)])
def test_a_wish_to_be_left_alone_is_read(receiver, text, seconds):
    receiver.status, receiver.headers = 429, {"Retry-After": text} if text else {}
    assert outbound.post(receiver.url, b"{}", {}).retry_after == seconds


@pytest.fixture
def encrypted(receiver, tmp_path):
    """The receiver behind TLS with an unknown certificate.

    Returns the certificate's file.
    """
    own = ensure_certificate(tmp_path, ["hooks.lan"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return own.certificate


def test_the_certificate_must_be_one_that_is_vouched_for(receiver, encrypted, point):
    point("127.0.0.1")
    with pytest.raises(OutboundError, match="encrypted connection"):
        outbound.post(f"https://hooks.lan:{receiver.port}/", b"{}", {})


def test_the_certificate_must_be_the_hosts_own(receiver, encrypted, point, monkeypatch):
    create = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: create(cafile=str(encrypted)))
    point("127.0.0.1")
    assert outbound.post(f"https://hooks.lan:{receiver.port}/", b"{}", {}).status == 200
    with pytest.raises(OutboundError, match="encrypted connection"):
        outbound.post(f"https://other.lan:{receiver.port}/", b"{}", {})


def test_encryption_is_not_given_up_on_the_way(receiver, encrypted, point, monkeypatch):
    create = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: create(cafile=str(encrypted)))
    point("127.0.0.1")
    receiver.status, receiver.headers = 307, {"Location": f"http://hooks.lan:{receiver.port}/"}
    with pytest.raises(OutboundError, match="without encryption"):
        outbound.post(f"https://hooks.lan:{receiver.port}/", b"{}", {})


def test_a_deadline_leaves_no_threads(receiver, monkeypatch):
    monkeypatch.setattr(conf, "DEADLINE_SECONDS", 60.0)
    for _ in range(5):
        outbound.post(receiver.url, b"{}", {})
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:
        timer.join(1)
    assert not any(timer.is_alive() for timer in timers)


def test_a_name_whose_first_address_is_dead_is_reached_by_the_next(receiver):
    channel = connections.reach(["127.0.0.9", "127.0.0.1"], receiver.port, time.monotonic() + 5)
    assert channel.getpeername() == ("127.0.0.1", receiver.port)
    # Its share was for the connection alone: the answer has all that is left.
    assert channel.gettimeout() > 4
    channel.close()
    with pytest.raises(ConnectionRefusedError):
        connections.reach(["127.0.0.9", "127.0.0.8"], receiver.port, time.monotonic() + 5)


def test_an_address_that_swallows_everything_leaves_time_for_the_next(receiver, monkeypatch):
    connect, waited = socket.create_connection, []

    def swallow_first(address, timeout):
        waited.append(timeout)
        if address[0] == "127.0.0.9":
            raise TimeoutError
        return connect(address, timeout)

    monkeypatch.setattr(socket, "create_connection", swallow_first)
    connections.reach(["127.0.0.9", "127.0.0.1"], receiver.port, time.monotonic() + 8).close()
    assert (waited[0] < 4.1, waited[1] > 7) == (True, True)


@pytest.mark.parametrize("url", ["https://example.org/", "HTTPS://example.org/"])
def test_no_redirect_leads_from_https_to_http(url, point, monkeypatch):
    point("93.184.216.34")
    monkeypatch.setattr(outbound, "exchange", lambda *_: outbound.Answer(307, None, "http://example.org/"))
    with pytest.raises(OutboundError, match="without encryption"):
        outbound.post(url, b"", {})


@pytest.mark.parametrize(("seconds", "expected"), [(120, 120), (-5, 0), (999_999, 3600)])
def test_a_wish_to_be_left_alone_may_be_a_date(receiver, seconds, expected):
    receiver.status, receiver.headers = 503, {"Retry-After": http_date(time.time() + seconds)}
    answer = outbound.post(receiver.url, b"{}", {})
    assert answer.retry_after == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("entry", ["Hooks.lan", "hooks.lan.", "hooks.lan"])
def test_an_allowed_host_is_the_same_however_it_is_written(entry, point, settings):
    settings.OUTBOUND_ALLOW = [entry]
    point("10.0.0.7")
    assert targets.check_url("http://HOOKS.lan./").addresses == ("10.0.0.7",)


def test_an_allowed_host_may_have_letters_of_its_own(point, settings):
    settings.OUTBOUND_ALLOW = ["b\u00fccher.lan"]
    point("10.0.0.7")
    assert targets.check_url("http://xn--bcher-kva.lan/").addresses == ("10.0.0.7",)
