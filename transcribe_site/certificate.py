"""A certificate of this machine's own.

With it, phones in the same network may use their microphone.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ifaddr
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from accounts.secret_files import write_secret_file

# Apple's systems refuse certificates that are valid for longer than 398 days. A certificate is renewed this many days
# before its end.
VALID_DAYS, RENEWED_DAYS = 397, 30


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The files of certificate and key, and the fingerprint.

    The fingerprint is the SHA-256 of the certificate as browsers show it.
    """

    certificate: Path
    key: Path
    fingerprint: str


def list_addresses() -> list[str]:
    """Return this machine's addresses in its network, IPv4 first."""
    found = {str(ip.ip if ip.is_IPv4 else ip.ip[0]) for adapter in ifaddr.get_adapters() for ip in adapter.ips}
    addresses = [ipaddress.ip_address(text) for text in found]
    reachable = [address for address in addresses if not (address.is_loopback or address.is_link_local)]
    return [str(address) for address in sorted(reachable, key=lambda address: (address.version, address.packed))]


def list_names() -> list[str]:
    """Return all names and addresses of this machine.

    For the certificate and for `ALLOWED_HOSTS`.
    """
    host = socket.gethostname().lower()
    names = ["localhost", host, host if host.endswith(".local") else f"{host}.local"]
    return list(dict.fromkeys([*names, "127.0.0.1", "::1", *list_addresses()]))


def ensure_certificate(folder: Path, names: Iterable[str]) -> OwnCertificate:
    """Return the certificate kept in `folder`.

    A new one when it lacks one of `names`, or soon ends.
    """
    paths = folder / "certificate.pem", folder / "certificate_key.pem"
    known = read_certificate(*paths)
    if known is None or not set(names) <= set(read_names(known)) or is_old(known):
        known = make_certificate(*paths, list(names))
    digest = known.fingerprint(hashes.SHA256())
    return OwnCertificate(*paths, digest.hex(":").upper())


def read_certificate(certificate: Path, key: Path) -> x509.Certificate | None:
    """Return the kept certificate, or None.

    None also when the key beside it is another's.
    """
    try:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    return known if known.public_key() == secret.public_key() else None


def read_names(certificate: x509.Certificate) -> list[str]:
    """Return the names and addresses that a certificate is for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def is_old(certificate: x509.Certificate) -> bool:
    """Whether a certificate ends within RENEWED_DAYS."""
    return certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=RENEWED_DAYS)


def make_certificate(path: Path, key_path: Path, names: list[str]) -> x509.Certificate:
    """Make a key and a self-signed certificate and keep both.

    The key is readable by its owner alone.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Transcribe on {socket.gethostname()}"[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName([build_name(text) for text in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)  # else phones refuse to trust it
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_path.unlink(missing_ok=True)
    write_secret_file(key_path, secret.decode("ascii"))
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def build_name(text: str) -> x509.GeneralName:
    """Return a name or an address as certificates have it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
