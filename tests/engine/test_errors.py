"""Errors have stable codes and words a person can act on."""

import pytest

from engine import ERRORS, EngineError, TooLong, build_error


def find_kinds(kind=EngineError):
    return {kind}.union(*(find_kinds(child) for child in kind.__subclasses__()))


def test_every_error_is_in_the_registry_under_its_own_code():
    assert find_kinds() == set(ERRORS.values())
    assert {kind.code for kind in find_kinds()} == set(ERRORS)


@pytest.mark.parametrize("kind", ERRORS.values(), ids=list(ERRORS))
def test_the_message_says_what_happened_and_what_to_do(kind):  # pains Q12
    assert kind.message.count(".") >= 1
    assert (kind.message[0].isupper(), kind.message.endswith("."), "!" in kind.message) == (True, True, False)


def test_only_what_may_pass_by_itself_is_retried():
    retried = {code for code, kind in ERRORS.items() if kind.retryable}
    assert retried == {"engine_crashed", "engine_timeout", "out_of_memory", "storage_full"}


def test_what_lies_in_the_file_or_the_request_lasts():
    lasting = {code for code, kind in ERRORS.items() if kind.is_lasting}
    assert lasting == {"empty_file", "no_audio_track", "too_long", "unreadable_media", "unsupported_language"}


def test_an_error_is_built_again_from_its_code():
    error = build_error("too_long", "9 h")
    assert (type(error), error.detail, str(error)) == (TooLong, "9 h", "9 h")


def test_an_unknown_code_is_a_plain_engine_error():
    assert type(build_error("nonsense", "")) is EngineError


def test_without_a_detail_the_message_speaks():
    assert str(TooLong()) == TooLong.message
