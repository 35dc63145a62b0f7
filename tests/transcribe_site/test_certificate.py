"""https without anybody's help: a certificate of this machine's own."""

import ipaddress
import os
import socket
import ssl
import stat
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.core.management import CommandError

from accounts.models import User
from tests.waiting import wait_until
from transcribe_site import certificate
from transcribe_site.certificate import ensure_certificate, list_addresses, list_names
from transcribe_site.management.commands import serve

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["localhost", "transcribe.local", "192.0.2.7", "2001:db8::7"]


def read(own):
    return x509.load_pem_x509_certificate(own.certificate.read_bytes())


def test_it_is_for_all_names_and_for_as_long_as_browsers_allow(tmp_path):
    known = read(ensure_certificate(tmp_path, NAMES))
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == NAMES[:2]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(text) for text in NAMES[2:]]
    assert known.not_valid_after_utc - known.not_valid_before_utc <= timedelta(days=398)


def test_its_key_is_readable_by_its_owner_alone(tmp_path):
    own = ensure_certificate(tmp_path, NAMES)
    assert stat.S_IMODE(own.key.stat().st_mode) == 0o600


def test_it_is_kept(tmp_path):
    first = ensure_certificate(tmp_path, NAMES)
    assert ensure_certificate(tmp_path, NAMES[:2]) == first
    assert len(first.fingerprint.split(":")) == 32


def test_a_new_address_needs_a_new_one(tmp_path):
    first = ensure_certificate(tmp_path, NAMES)
    second = ensure_certificate(tmp_path, [*NAMES, "192.0.2.8"])
    assert first.fingerprint != second.fingerprint
    assert ensure_certificate(tmp_path, NAMES) == second


def test_one_that_soon_ends_is_made_anew(tmp_path, monkeypatch):
    first = ensure_certificate(tmp_path, NAMES)
    monkeypatch.setattr(certificate, "RENEWED_DAYS", 400)
    assert ensure_certificate(tmp_path, NAMES) != first


@pytest.mark.parametrize("damaged", ["certificate.pem", "certificate_key.pem"])
def test_one_that_is_damaged_is_made_anew(tmp_path, damaged):
    first = ensure_certificate(tmp_path, NAMES)
    (tmp_path / damaged).write_text("no certificate")
    assert ensure_certificate(tmp_path, NAMES) != first


def test_the_key_of_another_is_noticed(tmp_path):
    first = ensure_certificate(tmp_path, NAMES)
    other = ensure_certificate(tmp_path / "other", NAMES)
    first.key.write_bytes(other.key.read_bytes())
    assert ensure_certificate(tmp_path, NAMES) != first


def test_this_machine_knows_its_names():
    names = list_names()
    assert {"localhost", "127.0.0.1", "::1", socket.gethostname().lower()} <= set(names)
    assert set(list_addresses()) <= set(names)
    assert not any(ipaddress.ip_address(address).is_loopback for address in list_addresses())


def test_two_kinds_of_https_exclude_each_other(settings):
    settings.HTTPS = True
    with pytest.raises(CommandError, match="Set only one of them"):
        serve.prepare_certificate()


def test_whoever_may_reach_it_is_told_how(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    User.objects.create_user("anna")
    monkeypatch.setattr(serve, "list_addresses", lambda: ["192.0.2.7", "2001:db8::7"])
    own = ensure_certificate(tmp_path, NAMES)
    assert serve.describe_service("0.0.0.0", 8000, own) == [  # noqa: S104 - nothing is bound
        "Transcribe is ready: https://127.0.0.1:8000/",
        "From other devices in this network: https://192.0.2.7:8000/",
        "From other devices in this network: https://[2001:db8::7]:8000/",
        "Browsers warn once, because nobody else vouches for the certificate. Its SHA-256 fingerprint is",
        own.fingerprint,
    ]
    assert len(serve.describe_service("127.0.0.1", 8000, own)) == 3


@pytest.fixture
def served(tmp_path):
    """The web server of `make run HTTPS=1`, its port and its certificate."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = ensure_certificate(tmp_path, list_names())
    command = serve.Runner("0.0.0.0", port, own).build_web_command()  # noqa: S104 - a test's own
    hosts = ",".join(serve.write_host(name) for name in list_names())
    environment = {**os.environ, "HTTPS": "1", "TRANSCRIBE_DATA_DIR": str(tmp_path), "TRANSCRIBE_ALLOWED_HOSTS": hosts}
    environment["DJANGO_SETTINGS_MODULE"] = "transcribe_site.settings"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with subprocess.Popen(command, cwd=ROOT, env=environment) as server:
        wait_until(lambda: serve.is_listening("127.0.0.1", port))
        yield port, own
        server.terminate()


def test_a_browser_that_trusts_it_is_served_under_each_name_over_https_alone(served):
    port, own = served
    context = ssl.create_default_context(cafile=own.certificate)
    for host in ["localhost", "127.0.0.1", *list_addresses()[:1]]:
        address = f"https://{serve.write_host(host)}:{port}/set-up/"
        with urllib.request.urlopen(address, context=context, timeout=20) as response:
            cookies = response.headers.get_all("Set-Cookie")
            assert (response.status, "Strict-Transport-Security" in response.headers) == (200, False)
            assert cookies
            assert all("Secure" in cookie for cookie in cookies)
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://localhost:{port}/", timeout=20)
    assert datetime.now(UTC) < read(own).not_valid_after_utc


def test_the_web_server_answers_to_all_names_of_the_machine(settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.HTTPS, settings.ALLOWED_HOSTS = tmp_path, False, ["transcribe.example"]
    monkeypatch.setenv("TRANSCRIBE_ALLOWED_HOSTS", "")
    own = serve.prepare_certificate()
    allowed = os.environ["TRANSCRIBE_ALLOWED_HOSTS"].split(",")
    assert {"transcribe.example", "localhost", "127.0.0.1", "[::1]"} <= set(allowed)
    assert (own, len(allowed)) == (ensure_certificate(tmp_path, list_names()), len(set(allowed)))
