"""Leases on steps, the fair order between owners, and wake-ups of workers."""
