"""The database settings: SQLite, or PostgreSQL by DATABASE_URL.

SQLite lies in the data folder.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "postgresql://user:password@host:5432/name?sslmode=require"
HIGHEST_PORT = 65535
# A request that waits longer than this for a pooled connection, in seconds, is answered 503.
POOL_WAIT_SECONDS = 5.0
# A pool that tries to connect for longer, in seconds, stops trying; the next request then tries again without a wait.
POOL_RETRY_SECONDS = 2.0
KEEP_SECONDS = 600
# libpq's own names (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS). A machine that
# vanishes silently is noticed within 15 s in most cases: while waiting for an answer by keepalives, in seconds, while
# sending by tcp_user_timeout, in milliseconds.
CONNECTION_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    # In milliseconds. A process that was stopped in mid-transaction must not hold up the others for ever.
    "options": "-c idle_in_transaction_session_timeout=15000 -c lock_timeout=10000",
    "application_name": "transcribe",
}


class Process:
    """The way this process keeps its connections.

    Only the entry point of a web server changes it.
    """

    has_pool = False


def use_pool() -> None:
    """Share few connections among the many threads of this process.

    To be called before the settings are read. For web servers alone: workers are forked, and two children would share a
    pool that their parent had opened.
    """
    Process.has_pool = True


def build_database(url: str, file: Path, pool_size: int) -> dict[str, Any]:
    """Return Django's database settings.

    The database is at `url`, or the SQLite in `file` when `url` is empty.

    Raises:
        ImproperlyConfigured: `url` makes no sense.
    """
    return build_postgresql(url, pool_size) if url else build_sqlite(file)


def is_postgresql(settings: dict[str, Any]) -> bool:
    """Whether these are the settings of a PostgreSQL database."""
    return str(settings["ENGINE"]).endswith("postgresql")


def build_sqlite(file: Path) -> dict[str, Any]:
    """Return Django's settings of a SQLite database."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            # Writers are serialised from the start instead of failing half-way, and a commit survives a power cut.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def build_postgresql(url: str, pool_size: int) -> dict[str, Any]:
    """Return Django's settings of a PostgreSQL database.

    Raises:
        ImproperlyConfigured: `url` makes no sense.
    """
    known = read_url(url)
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        **{key.upper(): known.pop(key, "") for key in ("user", "password", "host", "port")},
        "NAME": known.pop("dbname"),
        "CONN_HEALTH_CHECKS": True,
        # They would tie a transaction to one connection of the server, which proxies such as pgbouncer cannot promise.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {**CONNECTION_OPTIONS, **known},
    }
    if Process.has_pool:
        settings["OPTIONS"]["pool"] = build_pool(pool_size)
    else:
        settings["CONN_MAX_AGE"] = KEEP_SECONDS
    return settings


def build_pool(size: int) -> dict[str, Any]:
    """Return the options of a pool of at most `size` connections."""
    return {
        "min_size": 1,
        "max_size": size,
        "timeout": POOL_WAIT_SECONDS,
        "reconnect_timeout": POOL_RETRY_SECONDS,
    }


def read_url(url: str) -> dict[str, Any]:
    """Return the parts of `url` under libpq's names.

    No error repeats any of it, as it holds a password.

    Raises:
        ImproperlyConfigured: it is no address of PostgreSQL, or names no database.
    """
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES or not url.startswith(f"{scheme}://"):
        raise ImproperlyConfigured(f"DATABASE_URL must be the address of a PostgreSQL database, such as {EXAMPLE}.")
    try:
        known = dict(conninfo_to_dict(url))
    except psycopg.Error:
        known = {}
    if not known or not all(map(is_port, str(known.get("port", "5432")).split(","))) or "@" in str(known.get("host")):
        raise ImproperlyConfigured(
            f"DATABASE_URL can't be read as {EXAMPLE}: its port, an option or a special character is wrong. "
            "In user and password write each special character as % and its two hexadecimal digits, @ as %40."
        ) from None
    if not known.get("dbname"):
        raise ImproperlyConfigured(f"DATABASE_URL names no database: its end must be as in {EXAMPLE}.")
    return known


def is_port(text: str) -> bool:
    """Whether `text` is the number of a port."""
    return text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT
