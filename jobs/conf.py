"""Constants of leases and claims, and typed readers of this app's settings."""

from pathlib import Path
from typing import Any

from django.conf import settings

# A dead worker's step is taken over within 15 s: one lease, one sweep, and a nudge.
LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
CHECK_SECONDS = 1.0
SWEEP_SECONDS = 2.0
SILENCE_SECONDS = 8.0
# A task goes on claiming this long before it returns to its queue.
CLAIM_SECONDS = 30.0

# Waits between automatic tries: full jitter below a doubling cap
# (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
BACKOFF_BASE_SECONDS = 2.0
BACKOFF_CAP_SECONDS = 120.0

# A chunk may take its seconds divided by the measured speed, times this margin, but never less than the floor.
TIME_LIMIT_MARGIN = 10.0
TIME_LIMIT_FLOOR_SECONDS = 120.0
# The speed assumed before anything was measured: an old machine with the largest model.
ASSUMED_SPEED = 0.5
# Decoding and voice detection together are assumed to run at least at this multiple of real time.
PREPARE_SPEED = 20.0
# No codec that is accepted spends fewer bytes on a second of audio (AMR at 4.75 kbit/s needs about 600).
SPARSEST_BYTES_PER_SECOND = 500

MEBIBYTE = 1024 * 1024


def get_data_dir() -> Path:
    """Return the folder that holds everything this installation keeps."""
    return Path(settings.DATA_DIR)


def get_working_dir() -> Path:
    """Return the folder of the working copies."""
    return get_data_dir() / "work"


def get_run_dir() -> Path:
    """Return the folder in which running clusters leave their marks."""
    return get_data_dir() / "run"


def get_max_upload_bytes() -> int:
    """Return the largest accepted upload, in bytes."""
    return int(settings.MAX_UPLOAD_MB) * MEBIBYTE


def get_min_free_bytes() -> int:
    """Return how many bytes must stay free on the disk."""
    return int(settings.MIN_FREE_MB) * MEBIBYTE


def get_max_seconds() -> float:
    """Return the longest accepted recording, in seconds."""
    return float(settings.MAX_HOURS) * 3600


def get_max_attempts() -> int:
    """Return how often a step is claimed before its job fails."""
    return int(settings.MAX_ATTEMPTS)


def get_worker_count() -> int:
    """Return how many workers one cluster runs."""
    cluster: dict[str, Any] = settings.Q_CLUSTER
    return int(cluster["workers"])
