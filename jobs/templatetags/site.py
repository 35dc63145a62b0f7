"""How counts are written on every page."""

from django import template

register = template.Library()

MOST_SHOWN = 999


@register.filter
def capped(count: int) -> str:
    """Return a count as text; beyond 999 it says 999+."""
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)
