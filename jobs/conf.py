"""The constants of leases, and typed readers of settings."""

from pathlib import Path

from django.conf import settings

# A dead worker's step is taken over within 15 s: one lease, one round of the reaper, and a wake-up.
LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
CHECK_SECONDS = 1.0
REAP_SECONDS = 2.0
SILENCE_SECONDS = 8.0

# Decoding waits this long for free space on the disk before it looks again.
DISK_FULL_DELAY_SECONDS = 10.0

# A service's Retry-After is believed up to here.
RETRY_AFTER_LIMIT_SECONDS = 600.0

# After an outage living workers have this long to renew their leases, before expired ones are taken away.
OUTAGE_GRACE_SECONDS = 5.0
# A step that ends this soon after a stop signal is finished; others are released.
STOP_GRACE_SECONDS = 10.0

# A chunk may take its seconds divided by the measured speed, times this margin, but never less than the floor.
TIME_LIMIT_MARGIN = 10.0
TIME_LIMIT_FLOOR_SECONDS = 120.0
# The speed assumed before anything was measured: an old machine with the largest model.
ASSUMED_SPEED = 0.5
# Decoding and voice detection together are assumed to run at least at this multiple of real time.
PREPARE_SPEED = 20.0
# No codec that is accepted spends fewer bytes on a second of audio (AMR at 4.75 kbit/s needs about 600).
SPARSEST_BYTES_PER_SECOND = 500
# The assumed bytes of a second of audio until it has been probed: mp3 at 128 kbit/s, the commonest of them.
USUAL_BYTES_PER_SECOND = 16_000

# A request that is sent again under its Idempotency-Key finds its job for a day, as it is usual
# (https://docs.stripe.com/api/idempotent_requests).
IDEMPOTENCY_KEY_SECONDS = 24 * 3600.0

# A client that was away for longer, and asks for what it missed, must look at everything.
FEED_KEPT_SECONDS = 24 * 3600.0
FEED_SPARE_SECONDS = 600.0

# A longer piece with a checksum is refused: it is kept in memory until it is verified.
MAX_PIECE_BYTES = 16 * 1024 * 1024
# A recording without a new byte for this long is no longer being made: it is offered to be finished.
QUIET_SECONDS = 30.0

MEBIBYTE = 1024 * 1024


def get_data_dir() -> Path:
    """Return the folder that holds everything this installation keeps."""
    return Path(settings.DATA_DIR)


def get_working_dir() -> Path:
    """Return the folder of the working copies."""
    return get_data_dir() / "work"


def get_max_upload_bytes() -> int:
    """Return the size of the largest accepted upload, in bytes."""
    return int(settings.MAX_UPLOAD_MB) * MEBIBYTE


def get_min_free_bytes() -> int:
    """Return the bytes that must stay free on the disk."""
    return int(settings.MIN_FREE_MB) * MEBIBYTE


def get_uploads_dir() -> Path:
    """Return the folder of uploads and of the parts of recordings.

    Uploads lie there until they are ingested.
    """
    return get_data_dir() / "uploads"


def get_quota_bytes() -> int | None:
    """Return the bytes that a person may keep, None for any number."""
    return int(float(settings.QUOTA_GB) * 1024 * MEBIBYTE) or None


def get_quota_seconds() -> float | None:
    """Return the seconds of audio that a person may keep.

    None for any number.
    """
    return float(settings.QUOTA_HOURS) * 3600 or None


def get_upload_expiry_seconds() -> float:
    """Return the seconds without a byte after which uploads expire."""
    return float(settings.UPLOAD_EXPIRY_HOURS) * 3600


def get_unfinished_seconds() -> float:
    """Return the seconds after which recordings are finished.

    Only those of owners who want that.
    """
    return float(settings.UNFINISHED_HOURS) * 3600


def get_max_seconds() -> float:
    """Return the longest accepted recording, in seconds."""
    return float(settings.MAX_HOURS) * 3600


def get_max_attempts() -> int:
    """Return how often a step is claimed before its job fails."""
    return int(settings.MAX_ATTEMPTS)


def get_retry_base_seconds() -> float:
    """Return the longest wait before a step's second try.

    In seconds. It doubles with each further one.
    """
    return float(settings.RETRY_BASE_SECONDS)


def get_retry_cap_seconds() -> float:
    """Return the longest wait before any try."""
    return float(settings.RETRY_CAP_SECONDS)
