"""The admin: recordings and jobs to inspect and control.

The tables of django-q2 can be read.
"""

from django.contrib import admin

from jobs.admin import job_admin, queue_tables, recording_admin

admin.site.site_header = "Transcribe administration"
admin.site.site_title = "Transcribe"

__all__ = ["job_admin", "queue_tables", "recording_admin"]
