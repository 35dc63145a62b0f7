"""Readers for settings from the environment.

They fail loudly and name the variable.
"""

import ipaddress
import os
import re
import secrets
import zoneinfo
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

from accounts.secret_files import write_secret_file

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class Kind(NamedTuple):
    """The required look of a text as pattern and words.

    The words are for the error message.
    """

    pattern: str
    words: str


LABELS = r"\w([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?"
ADDRESS = Kind(
    rf"https?://({LABELS}|\[[0-9a-f:.]+\])(:\d{{1,5}})?(/[^\s?#]*)?",
    "an address such as https://transcribe.example.org",
)
CONTACT = Kind(
    r"mailto:[^\s@]+@[^\s@]+|https://[^\s/]\S*", "an address such as mailto:you@example.org or https://example.org"
)
HOST = Kind(LABELS, "the name of a host such as mail.example.org")
SENDER = Kind(
    r"[^<>]*<[!-;=?A-~]+@[^\s@<>]+>|[!-;=?A-~]+@[^\s@<>]+", "a sender such as Transcribe <transcribe@example.org>"
)
NUMBERS = r"[\d.-]+"


def read_str(name: str, default: str) -> str:
    """Return the variable `name`, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def read_matching(name: str, default: str, kind: Kind) -> str:
    """Return the variable `name`, which must be of a `kind`.

    `default` when it is unset or empty.

    Raises:
        ImproperlyConfigured: it is of another kind.
    """
    value = read_str(name, "")
    if value and not re.fullmatch(kind.pattern, value):
        raise ImproperlyConfigured(f"{name}={value!r} is not {kind.words}.")
    return value or default


def read_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return the variable `name`, which must be one of `choices`.

    Raises:
        ImproperlyConfigured: it is something else.
    """
    value = read_str(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
    return value


def read_time_zone(name: str, default: str) -> str:
    """Return the variable `name`, which must be a time zone.

    It is one of the IANA database, such as Europe/Berlin.

    Raises:
        ImproperlyConfigured: it is none.
    """
    value = read_str(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:  # unknown; no path inside; a folder
        raise ImproperlyConfigured(f"{name}={value!r} is not a time zone such as Europe/Berlin.") from error
    return value


def read_bool(name: str, default: bool) -> bool:
    """Return the variable `name` as a yes or no.

    `default` when it is unset or empty.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    word = value.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0.")


def read_float(name: str, default: float, minimum: float = 0) -> float:
    """Return the variable `name` as a number of at least `minimum`.

    Raises:
        ImproperlyConfigured: it is no number, or too small.
    """
    value = read_str(name, str(default))
    try:
        number = float(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a number.") from error
    if not minimum <= number < float("inf"):
        raise ImproperlyConfigured(f"{name}={value} must be a number of at least {minimum:g}.")
    return number


def read_int(name: str, default: int, minimum: int = 0, maximum: int | None = None) -> int:
    """Return the variable `name` as a whole number.

    It is at least `minimum`, and at most `maximum`.

    Raises:
        ImproperlyConfigured: it is no whole number, too small or too large.
    """
    number = read_float(name, default, minimum)
    if number != int(number):
        raise ImproperlyConfigured(f"{name}={number:g} is not a whole number.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name}={number:.0f} must be at most {maximum}.")
    return int(number)


def read_list(name: str, default: list[str]) -> list[str]:
    """Return the comma-separated variable `name` as a list of trimmed words."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or default


def find_address(origins: list[str]) -> str:
    """Return the first origin that is one address, or "".

    Patterns of many addresses are skipped.
    """
    return next((origin for origin in origins if re.fullmatch(ADDRESS.pattern, origin)), "")


def read_targets(name: str) -> list[str]:
    """Return the comma-separated variable `name` as hosts and networks.

    Raises:
        ImproperlyConfigured: something else is among them, such as an address or a port.
    """
    targets = read_list(name, [])
    for target in targets:
        is_host = re.fullmatch(HOST.pattern, target) and not re.fullmatch(NUMBERS, target)
        if not is_host and not is_network(target):
            raise ImproperlyConfigured(
                f"{name}: {target!r} is neither a host such as hooks.lan nor a network such as 10.0.0.0/8."
            )
    return targets


def is_network(text: str) -> bool:
    """Whether `text` is an IP address or a network of them."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def read_folder(name: str, default: Path, subfolders: tuple[str, ...] = ()) -> Path:
    """Return the variable `name` as the path of a private folder.

    Only its owner can read it. It is made, with its `subfolders`.

    Raises:
        ImproperlyConfigured: it cannot be made or written.
    """
    folder = Path(read_str(name, str(default))).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for subfolder in subfolders:
            (folder / subfolder).mkdir(exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={str(folder)!r} is not a folder to write to: {error.strerror}.") from error
    return folder


def read_secret_key(name: str, file: Path) -> str:
    """Return the variable `name`, or else the key kept in `file`.

    The file is made with mode 600 on first use. Two processes that start at once agree: only one of them can
    link its key into place, and both read what was linked.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if not file.exists():
        write_secret_file(file, secrets.token_urlsafe(64))
    return file.read_text(encoding="ascii").strip()
