"""All people's failed jobs by kind in the admin.

The page shows what to mend first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse

from jobs.admin.display import render_moment
from jobs.admin.readonly import COUNT_LIMIT
from jobs.domain.reading import failures

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest, HttpResponse

    from jobs.models import Job


def show_kinds(page: ModelAdmin[Job], request: HttpRequest) -> HttpResponse:
    """Show the numbers of failed jobs by code, most frequent first.

    Raises:
        PermissionDenied: the person may not see jobs.
    """
    if not page.has_view_permission(request):
        raise PermissionDenied
    groups = failures.group_failures(None, COUNT_LIMIT)
    context = {
        **page.admin_site.each_context(request),
        "title": "Failed jobs by kind",
        "kinds": [(group, render_moment(find_time(group.newest)), build_address(group.code)) for group in groups],
        "limit": COUNT_LIMIT,
        "opts": page.opts,
    }
    return TemplateResponse(request, "admin/jobs/kinds.html", context)


def find_time(job: Job) -> datetime:
    """Return the time when a job failed."""
    return job.finished_at or job.created_at


def build_address(code: str) -> str:
    """Return the address of the failed jobs with `code`."""
    query = {"dismissed": "no", "error_code": code}
    return f"{reverse('admin:jobs_job_changelist')}?{urlencode(query)}"
