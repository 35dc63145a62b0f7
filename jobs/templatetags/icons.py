"""Inlines single Remix icons.

So pages carry only the few that they show.
"""

import re
from functools import lru_cache
from importlib.resources import files

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SYMBOL = re.compile(r'<symbol viewBox="0 0 24 24" id="ri-([a-z0-9-]+)">(.*?)</symbol>', re.DOTALL)
SYMBOLS_FILE = "static/remixicon/remixicon.symbol.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return the icon `name` as inline SVG.

    Names are as on remixicon.com. It is hidden from screen readers unless labelled.

    Raises:
        TemplateSyntaxError: there is no such icon.
    """
    shape = _load_symbols().get(name)
    if shape is None:
        raise template.TemplateSyntaxError(f"There is no icon named {name!r}.")
    access = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="currentColor" focusable="false" {}>{}</svg>', access, shape
    )


@lru_cache(maxsize=1)
def _load_symbols() -> dict[str, SafeString]:
    text = files("django_static_remixicon").joinpath(SYMBOLS_FILE).read_text(encoding="utf-8")
    return {name: mark_safe(shape) for name, shape in SYMBOL.findall(text)}  # noqa: S308 - from an installed package
