"""The admin: recordings and jobs to inspect and control, and django-q2's own tables to read."""

from jobs.admin import jobs, queue, recordings

__all__ = ["jobs", "queue", "recordings"]
