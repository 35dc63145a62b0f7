"""The look of states, progress and ages in the admin.

Colour never carries the meaning alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.html import format_html

from jobs.states import JobState

if TYPE_CHECKING:
    from datetime import datetime

    from jobs.models import Job
    from jobs.states import StepState

NOTHING = "-"


def render_chip(state: JobState | StepState) -> str:
    """Return icon, word and colour of a state."""
    return render_to_string("admin/jobs/_chip.html", {"state": state})


def render_state(job: Job, reason: str) -> str:
    """Return a job's state, its reason and its number of runs.

    The number stands below.
    """
    context = {"state": JobState(job.state), "job": job, "reason": reason}
    return render_to_string("admin/jobs/_state.html", context)


def render_progress(percent: float) -> str:
    """Return a bar and the number of percent."""
    return format_html('<progress max="100" value="{}"></progress> {} %', round(percent, 1), round(percent))


def render_age(moment: datetime) -> str:
    """Return an age with the exact time as title, as pages do."""
    return render_to_string("admin/jobs/_age.html", {"moment": moment})


def render_moment(moment: datetime | None) -> str:
    """Return a moment exactly and as an age."""
    return render_to_string("admin/jobs/_moment.html", {"moment": moment}) if moment else NOTHING


def render_flags(job: Job) -> str:
    """Return the flags of a job's whole text in plain words."""
    return render_to_string("admin/jobs/_flags.html", {"job": job}).strip()


def render_category_reason(reason: str) -> str:
    """Return in plain words why there is no category."""
    return render_to_string("admin/jobs/_category_reason.html", {"reason": reason})
