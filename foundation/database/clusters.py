"""Clusters: the groups of worker processes, each with a name and a mark that asks it to stop."""

import os
import socket
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

CLUSTER_VARIABLE = "TRANSCRIBE_CLUSTER"
HOST_LENGTH = 30


def find_cluster() -> str | None:
    """Return the name that this process's supervisor gave its cluster, None where there is none."""
    return os.environ.get(CLUSTER_VARIABLE)


def get_cluster_name() -> str:
    """Return the name of this process's cluster: as its supervisor gave it, else host and parent."""
    return find_cluster() or build_cluster_name(str(os.getppid()))


def build_cluster_name(suffix: str) -> str:
    """Return a name that begins with the machine's.

    It is short enough for a token, and holds no colon, which separates the parts of tokens.
    """
    host = socket.gethostname().replace(":", "-")[:HOST_LENGTH]
    return f"{host}-{suffix}"


def build_token() -> str:
    """Return a token for one claim: cluster, process and a random part."""
    return f"{get_cluster_name()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def get_worker_name(token: str) -> str:
    """Return the worker that made a token, as people read it: cluster and process."""
    return token.rpartition(":")[0]


def get_worker_count() -> int:
    """Return how many workers one cluster runs."""
    cluster: dict[str, Any] = settings.Q_CLUSTER
    return int(cluster["workers"])


def get_run_dir() -> Path:
    """Return the folder in which running clusters leave their marks."""
    return Path(settings.DATA_DIR) / "run"


def get_stop_mark(cluster: str) -> Path:
    """Return the file whose presence asks a cluster to stop."""
    return get_run_dir() / f"{cluster}.stop"


def is_stopping() -> bool:
    """Whether the supervisor of this process's cluster has asked it to stop."""
    cluster = find_cluster()
    return cluster is not None and get_stop_mark(cluster).exists()
