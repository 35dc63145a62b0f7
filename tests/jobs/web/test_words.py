"""No code reaches a reader as a code."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from analysis import CategoryReason
from engine import ERRORS, RECORDING_FLAGS, SPOT_FLAGS, TRANSCRIPT_FLAGS
from jobs.domain.feed import events
from jobs.errors import JobError
from jobs.models import Job, JobEvent, Transcript
from jobs.states import JobState
from jobs.templatetags.words import (
    CATEGORY_WORDS,
    ERROR_WORDS,
    SPOT_WORDS,
    TRANSCRIPT_WORDS,
    category_trouble,
    event_word,
    reason_words,
    review_words,
    spot_words,
)


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
    """Return the texts that the domain uses as reasons."""
    folder = Path(events.__file__).parents[1]
    calls = (node for file in folder.rglob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
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


def test_every_flag_has_words_and_nothing_else_does():
    assert sorted(SPOT_WORDS) == sorted(SPOT_FLAGS)
    assert sorted(TRANSCRIPT_WORDS) == sorted(TRANSCRIPT_FLAGS)


def test_several_flags_of_a_place_are_told_as_one_line():
    assert spot_words(["repetition", "implausible_speed"]) == "Repeats itself, spoken faster than anybody can"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], ["Parts of the text may be wrong or missing."]),
        (["language_uncertain"], ["It may not be German (52\N{NO-BREAK SPACE}% sure)."]),
        (["low_coverage"], ["Only 81\N{NO-BREAK SPACE}% of the speech that was heard has text."]),  # pains T2
    ],
)
def test_a_need_for_review_is_told_with_its_reasons(flags, words):
    transcript = Transcript(language="de", language_probability=0.52, coverage=0.81, flags=flags)
    assert review_words(Job(transcript=transcript, needs_review=True)) == words


def test_nothing_is_told_of_a_text_that_needs_no_review_or_is_not_there(make_job):
    jobs = [Job(transcript=Transcript(flags=["quiet"])), make_job(needs_review=True)]
    assert [review_words(job) for job in jobs] == [[], []]


def test_the_names_of_flags_are_written_in_the_engine_and_beside_their_words_alone():
    folder = Path(events.__file__).parents[2]
    files = [file for file in folder.rglob("*.py") if file.name != "words.py"]
    names = {*SPOT_FLAGS, *TRANSCRIPT_FLAGS} - {*RECORDING_FLAGS}  # which mean other things elsewhere
    written = {
        (file.name, node.value)
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert written == set()
