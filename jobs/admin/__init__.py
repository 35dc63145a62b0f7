"""The admin: recordings and jobs to inspect and control, and django-q2's own tables to read."""

from django.contrib import admin

from jobs.admin import job_admin, queue_tables, recording_admin

admin.site.site_header = "Transcribe administration"
admin.site.site_title = "Transcribe"

__all__ = ["job_admin", "queue_tables", "recording_admin"]
