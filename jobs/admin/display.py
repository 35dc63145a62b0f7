"""How states, progress and ages look in the admin; never told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.timezone import localtime

from jobs.states import JobState, StepState

if TYPE_CHECKING:
    from datetime import datetime

SYMBOLS = {
    JobState.PENDING: "⏳",
    JobState.PROCESSING: "▶",
    JobState.COMPLETED: "✓",
    JobState.FAILED: "⚠",
    JobState.CANCELLED: "⊘",
    StepState.WAITING: "⏳",
    StepState.RUNNING: "▶",
    StepState.DONE: "✓",
}


def render_chip(state: JobState | StepState) -> str:
    """Return symbol, word and colour of a state."""
    return format_html(
        '<span class="state-chip state-{}"><span aria-hidden="true">{}</span> {}</span>',
        state.value,
        SYMBOLS[state],
        state.label,
    )


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
