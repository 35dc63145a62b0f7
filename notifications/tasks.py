"""Entry points for django-q2's workers; no logic."""

from notifications import send


def deliver() -> int:
    """There is something to send: do so for a while; return how many were tried."""
    return send.send_all_due()
