"""No code reaches a reader as a code."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from analysis import CategoryReason
from engine import ERRORS
from jobs.domain import events
from jobs.errors import JobError
from jobs.models import Job, JobEvent, Transcript
from jobs.states import JobState
from jobs.templatetags.words import CATEGORY_WORDS, ERROR_WORDS, category_trouble, event_word, reason_words


def find_codes(base):
    return {base.code}.union(*(find_codes(kind) for kind in base.__subclasses__()))


def test_every_kind_of_event_has_words():
    kinds = [value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)]
    words = {kind: event_word(JobEvent(kind=kind, state="failed")) for kind in kinds}
    assert [kind for kind, text in words.items() if not text[0].isupper() or "_" in text] == []


@pytest.mark.parametrize("state", list(JobState))
def test_a_change_of_state_is_told_by_the_state(state):
    assert event_word(JobEvent(kind="state", state=state)) == state.label


def test_every_error_has_words_and_nothing_else_does():
    assert sorted(ERROR_WORDS) == sorted(find_codes(JobError) | {kind.code for kind in ERRORS.values()})


def test_every_reason_for_a_missing_category_has_words():
    assert sorted(CATEGORY_WORDS) == sorted(get_args(CategoryReason))


def list_reasons():
    """Return the texts that the domain gives as reasons."""
    folder = Path(events.__file__).parent
    calls = (node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    given = (keyword for node in calls if isinstance(node, ast.Call) for keyword in node.keywords)
    return {word.value.value for word in given if word.arg == "reason" and isinstance(word.value, ast.Constant)}


def test_reasons_that_are_no_codes_are_words_already():
    reasons = list_reasons()
    assert reasons >= {"tried again", "its worker went silent"}
    assert [reason for reason in reasons if "_" in reason] == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("worker_lost", "the worker stopped without an answer several times"), ("tried again", "tried again")],
)
def test_a_reason_is_told_in_words(reason, words):
    assert reason_words(reason) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [("category_model_missing", "The model for categories is missing"), ("language_not_supported", ""), ("", "")],
)
def test_only_trouble_with_a_category_is_told_on_its_card(reason, words):
    assert category_trouble(Job(transcript=Transcript(category_reason=reason))) == words
