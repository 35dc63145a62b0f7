"""Clusters: named groups of worker processes, and how they are stopped."""

import os
import socket
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

CLUSTER_VARIABLE = "TRANSCRIBE_CLUSTER"
HOST_LENGTH = 30


def find_cluster() -> str | None:
    """Return the cluster's name, None in a process without a supervisor."""
    return os.environ.get(CLUSTER_VARIABLE)


def get_cluster_name() -> str:
    """Return the name of this process's cluster.

    Without a supervisor it is made of the host's name and the parent's process id.
    """
    return find_cluster() or build_cluster_name(str(os.getppid()))


def build_cluster_name(suffix: str) -> str:
    """Return a name for a cluster that begins with the machine's.

    It is short enough for a token, and holds no colon, which separates the parts of tokens.
    """
    host = socket.gethostname().replace(":", "-")[:HOST_LENGTH]
    return f"{host}-{suffix}"


def build_token() -> str:
    """Return a token for one claim: cluster, process and random digits."""
    return f"{get_cluster_name()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def get_worker_name(token: str) -> str:
    """Return the cluster and the process that a token names."""
    return token.rpartition(":")[0]


def get_worker_count() -> int:
    """Return how many workers one cluster runs."""
    cluster: dict[str, Any] = settings.Q_CLUSTER
    return int(cluster["workers"])


def get_run_dir() -> Path:
    """Return the folder of the stop marks and wake-up pipes."""
    return Path(settings.DATA_DIR) / "run"


def get_stop_mark(cluster: str) -> Path:
    """Return the file whose presence asks a cluster to stop."""
    return get_run_dir() / f"{cluster}.stop"


def is_stopping() -> bool:
    """Whether the supervisor of this process's cluster has asked it to stop."""
    cluster = find_cluster()
    return cluster is not None and get_stop_mark(cluster).exists()
