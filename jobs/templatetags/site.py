"""The person's jobs on every page and the look of counts.

Languages have their names here too.
"""

from typing import Any

from django import template
from django.conf.locale import LANG_INFO

from jobs.domain.reading import queries

register = template.Library()

MOST_SHOWN = 999
# Languages that speech models know and Django has no translations for; names as in ISO 639.
LANGUAGE_NAMES = {
    "am": "Amharic",
    "as": "Assamese",
    "ba": "Bashkir",
    "bo": "Tibetan",
    "fo": "Faroese",
    "gu": "Gujarati",
    "ha": "Hausa",
    "haw": "Hawaiian",
    "ht": "Haitian Creole",
    "jw": "Javanese",
    "la": "Latin",
    "ln": "Lingala",
    "lo": "Lao",
    "mg": "Malagasy",
    "mi": "Māori",
    "mt": "Maltese",
    "oc": "Occitan",
    "ps": "Pashto",
    "sa": "Sanskrit",
    "sd": "Sindhi",
    "si": "Sinhala",
    "sn": "Shona",
    "so": "Somali",
    "su": "Sundanese",
    "tl": "Tagalog",
    "yi": "Yiddish",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
}


@register.simple_tag(takes_context=True)
def count_failed(context: dict[str, Any]) -> int:
    """Return the number of the person's failed jobs.

    A page that has counted already is not asked twice.
    """
    counts = context.get("counts")
    return int(counts.failed) if counts else queries.count_failed(context["user"])


@register.filter
def capped(count: int) -> str:
    """Return a count as text; beyond 999 it says 999+."""
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)


@register.filter
def language_name(code: str) -> str:
    """Return the English name of a language code.

    The code itself where none is known.
    """
    return LANGUAGE_NAMES.get(code) or str(LANG_INFO.get(code, {}).get("name", code))


@register.filter(is_safe=True)
def get_language_name(page: str) -> str:
    """Return a whole page with its language named in the first tag."""
    return page.replace("<html>", '<html lang="en">', 1)
