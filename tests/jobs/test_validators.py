import pytest
from django.core.exceptions import ValidationError

from jobs import validators


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Board meeting", "Board meeting"),
        ("  two \t words\n", "two words"),
        ("a\x00b\x7fc", "a b c"),
        ("evil\u202egpj.exe", "evil gpj.exe"),
        ("字幕 Ünïcode 🎤", "字幕 Ünïcode 🎤"),
        ("x" * 199 + " y", "x" * 199),
        ("\x00", ""),
    ],
)
def test_a_title_has_no_control_characters_and_an_end(title, clean):
    assert validators.clean_title(title) == clean


@pytest.mark.parametrize("code", ["en", "de", "yue"])
def test_codes_of_languages_are_accepted(code):
    validators.validate_language(code)


@pytest.mark.parametrize("code", ["", "e", "EN", "english", "en-GB", "e1", "en\n"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(ValidationError, match="Use a language code such as en, de or fr"):
        validators.validate_language(code)
