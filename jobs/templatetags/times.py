"""The look of lengths and moments.

Clocks, rough lengths, and relative times with the exact one as title.
"""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
ALMOST_MINUTE = 45


@register.filter
def clock(length: float | None) -> str:
    """Return seconds as 0:07, 12:41 or 1:02:03.

    An unknown length is an empty text.
    """
    if length is None:
        return ""
    minutes, second = divmod(int(length), MINUTE)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@register.filter
def length_clock(length: float | None) -> str:
    """Return a recording's length as a clock to the nearest second.

    It is never 0:00 when there is some.
    """
    return clock(round_length(length)) if length else clock(length)


def round_length(length: float) -> int:
    """Return whole seconds, at least 1.

    A half goes up as in formatLength of times.js.
    """
    return max(1, int(length + 0.5))


@register.filter
def seconds(length: float) -> str:
    """Return seconds for a data attribute.

    They have a point and two digits in all languages.
    """
    return f"{length:.2f}"


@register.filter
def numbers(values: list[int] | None) -> str:
    """Return whole numbers for a data attribute."""
    return " ".join(map(str, values or ()))


@register.filter
def rough(length: float | None) -> str:
    """Return seconds as people say them.

    As in 8 s, 12 min, 1 h 20 min.
    """
    if length is None:
        return ""
    if round_length(length) < MINUTE:
        return f"{round_length(length)} s"
    minutes = round(length / MINUTE)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minute} min" if minute else f"{hours} h"


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """Return a moment as "3 min ago" in a time element.

    times.js keeps it fresh.
    """
    return build_time(moment, describe_age(moment, timezone.now()))


@register.simple_tag
def until(moment: datetime) -> SafeString:
    """Return a future moment as "in 3 min" in a time element.

    times.js keeps it fresh.
    """
    return build_time(moment, describe_wait((moment - timezone.now()).total_seconds()), "ahead")


def build_time(moment: datetime, text: str, side: str = "ago") -> SafeString:
    """Return a moment as a time element that says `text`.

    The exact time is its title.
    """
    local = timezone.localtime(moment)
    exact = f"{date_format(local, 'j M Y, H:i:s')} {local.tzname()}"
    markup = '<time datetime="{}" title="{}" data-relative="{}">{}</time>'
    return format_html(markup, local.isoformat(), exact, side, text)


def describe_wait(wait: float) -> str:
    """Return a wait of some seconds as people say it."""
    if wait < ALMOST_MINUTE:
        return "in a moment"
    unit, name = (MINUTE, "min") if wait < HOUR - MINUTE / 2 else (HOUR, "h")
    return f"in {max(1, round(wait / unit))} {name}"


def describe_age(moment: datetime, now: datetime) -> str:
    """Return how long ago `moment` was.

    From a week on it is the date.
    """
    age = (now - moment).total_seconds()
    if age < ALMOST_MINUTE:
        return "just now"
    for unit, limit, name in ((MINUTE, HOUR, "min"), (HOUR, DAY, "h"), (DAY, WEEK, "d")):
        if age < limit - unit / 2:
            return f"{max(1, round(age / unit))} {name} ago"
    return date_format(timezone.localtime(moment), "j M Y")
