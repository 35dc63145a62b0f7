"""A decoder that loops, skips speech or guesses is found out."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Segment
from engine.text.quality import find_fault, find_flags, measure_compression, repeats_itself

SPOKEN = "Good morning, everybody, and thank you for coming."
LOOP = "thank you for watching " * 20


def judge(text=SPOKEN, **changes):
    figures = {
        "unwritten_seconds": 0.5,
        "is_cut_off": False,
        "average_log_probability": -0.3,
        "no_speech_probability": 0.1,
    }
    return find_fault(text, **{**figures, **changes})


def write(text="Good morning, everybody", seconds=3.0, confidence=0.9):
    return Segment(10.0, 10.0 + seconds, text, confidence)


def test_compression_is_counted_in_bytes():
    assert measure_compression("ä" * 100) == 200 / len(zlib.compress(b"\xc3\xa4" * 100))


def test_no_text_does_not_compress():
    assert measure_compression("") == 0


def test_only_a_loop_compresses_well():
    assert (measure_compression(SPOKEN) < 2.4, measure_compression(LOOP) > 2.4) == (True, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("thank you so much", False),
        ("no no", False),
        ("I know, I know", False),
        ("see you soon see you soon", True),
        ("Well. See you soon. See you, soon", True),
        ("see you soon see you soon then", False),
        ("one two three four one two three four", True),
        ("one two three four five two three four five", True),
        ("one two three four one two three", False),
    ],
)
def test_a_text_repeats_itself_when_three_words_and_more_end_it_twice(text, expected):  # pains T1
    assert repeats_itself(text) == expected


@given(st.text("ab ", max_size=20), st.lists(st.sampled_from(["one", "two", "three"]), min_size=3, max_size=8))
def test_whatever_comes_before_words_said_twice_end_a_text(before, words):
    assert repeats_itself(" ".join([before, *words, *words]))


@given(st.lists(st.integers(), unique=True, max_size=12))
def test_words_that_all_differ_repeat_nothing(words):
    assert not repeats_itself(" ".join(map(str, words)))


def test_plain_speech_has_no_fault():
    assert judge() is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"is_cut_off": True}, "repetition"),
        ({"text": LOOP + "again"}, "repetition"),
        ({"text": "See you soon. See you soon."}, "repetition"),
        ({"unwritten_seconds": 2.6}, "speech_without_text"),
        ({"average_log_probability": -1.1}, "low_confidence"),
    ],
)
def test_each_fault_is_named(changes, fault):  # pains T1, T2
    assert judge(**changes) == fault


@pytest.mark.parametrize(
    "changes", [{"unwritten_seconds": 2.5}, {"average_log_probability": -1.0}, {"no_speech_probability": 1.0}]
)
def test_what_is_just_plausible_is_no_fault(changes):
    assert judge(**changes) is None


@pytest.mark.parametrize("changes", [{"unwritten_seconds": 9.0}, {"average_log_probability": -3.0}])
def test_where_nobody_speaks_nothing_is_missing(changes):
    assert judge(no_speech_probability=0.7, **changes) is None


def test_a_loop_where_nobody_speaks_is_still_a_loop():  # pains T1
    assert judge(LOOP, no_speech_probability=0.9) == "repetition"


def test_a_loop_counts_more_than_what_it_leaves_out():
    assert judge(LOOP, unwritten_seconds=9.0, average_log_probability=-2.0) == "repetition"


def test_left_out_speech_counts_more_than_doubt():
    assert judge(unwritten_seconds=9.0, average_log_probability=-2.0) == "speech_without_text"


@pytest.mark.parametrize(
    ("fault", "flags"),
    [
        (None, ()),
        ("repetition", ("repetition",)),
        ("low_confidence", ("low_confidence",)),
        ("speech_without_text", ()),
    ],
)
def test_a_segment_bears_the_fault_of_its_window_unless_that_is_elsewhere(fault, flags):
    assert find_flags(write(), fault) == flags


@pytest.mark.parametrize(("confidence", "flags"), [(0.5, ()), (0.49, ("low_confidence",))])
def test_a_segment_unsure_of_its_words_says_so(confidence, flags):
    assert find_flags(write(confidence=confidence), None) == flags


@pytest.mark.parametrize(
    ("text", "seconds", "flags"),
    [
        ("a" * 30, 1.0, ()),
        ("a" * 31, 1.0, ("implausible_speed",)),
        ("a, b. " * 15, 1.0, ()),
        ("a" * 12, 0.0, ("implausible_speed",)),
        ("a" * 11, 0.0, ()),
    ],
)
def test_more_letters_than_anybody_can_say_are_implausible(text, seconds, flags):  # pains T1
    assert find_flags(write(text, seconds), None) == flags


def test_a_segment_has_all_flags_that_fit():
    found = find_flags(write("a" * 40, 1.0, 0.1), "repetition")
    assert found == ("repetition", "low_confidence", "implausible_speed")
