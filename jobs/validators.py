"""Checks of people's input for the API and the pages."""

import re

from django.core.exceptions import ValidationError

TITLE_LENGTH = 200
LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_title(title: str) -> str:
    """Return `title` cleaned and cut to TITLE_LENGTH.

    Control and direction characters go, runs of spaces become one.
    """
    return " ".join(CONTROL_CHARACTERS.sub(" ", title).split())[:TITLE_LENGTH].strip()


def validate_language(code: str) -> None:
    """Accept a language code such as "en".

    The domain knows whether the model has it.

    Raises:
        ValidationError: it does not look like a code.
    """
    if not LANGUAGE_PATTERN.fullmatch(code):
        raise ValidationError("Use a language code such as en, de or fr.", code="invalid_language")
