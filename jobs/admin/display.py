"""How states, progress and ages look in the admin; never told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.timezone import localtime

if TYPE_CHECKING:
    from datetime import datetime

    from jobs.states import JobState, StepState

NOTHING = "-"


def render_chip(state: JobState | StepState) -> str:
    """Return icon, word and colour of a state."""
    return render_to_string("admin/jobs/_chip.html", {"state": state})


def render_progress(percent: float) -> str:
    """Return a bar and the number of percent."""
    return format_html('<progress max="100" value="{}"></progress> {} %', round(percent, 1), round(percent))


def render_age(moment: datetime) -> str:
    """Return how long ago something was, with the exact time as title."""
    exact = localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{} ago</time>',
        exact.isoformat(),
        date_format(exact, "DATETIME_FORMAT"),
        timesince(moment, depth=1),
    )
