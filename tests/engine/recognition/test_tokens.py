"""Whisper's timestamps become segments, its alignment words.

Words do not reach across pauses.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Word
from engine.recognition.tokens import (
    TimedTokens,
    measure_longest,
    measure_longest_gap,
    place_word,
    split_at_timestamps,
    split_words,
)

END, FIRST = 100, 200
SECONDS = 10.0


def at(seconds):
    return FIRST + round(seconds * 50)


def split(*tokens):
    return split_at_timestamps(tokens, FIRST, END, SECONDS)


def align(text, start, end, count=1):
    return {"word": text, "tokens": [0] * count, "start": start, "end": end, "probability": 0.5}


def part(count):
    return TimedTokens(0.0, 1.0, (0,) * count)


def test_a_text_lies_between_its_timestamps():
    assert split(at(1), 7, 8, at(2), at(3), 9, at(4)) == (TimedTokens(1, 2, (7, 8)), TimedTokens(3, 4, (9,)))


def test_a_single_timestamp_ends_one_text_and_begins_the_next():
    assert split(at(1), 7, at(2), 8, at(3)) == (TimedTokens(1, 2, (7,)), TimedTokens(2, 3, (8,)))


def test_a_text_without_timestamps_takes_the_whole_window():
    assert split(7, 8) == (TimedTokens(0, SECONDS, (7, 8)),)


def test_a_last_text_without_an_end_goes_on_to_the_end_of_the_window():  # pains T2
    assert split(at(1), 7, at(2), at(3), 8) == (TimedTokens(1, 2, (7,)), TimedTokens(3, SECONDS, (8,)))


def test_a_time_in_the_padding_is_the_end_of_the_window():
    assert split(at(9), 7, at(12), 8, at(14)) == (TimedTokens(9, 10, (7,)), TimedTokens(10, 10, (8,)))


def test_a_text_whose_time_runs_backwards_has_no_length():
    assert split(at(5), 7, at(3)) == (TimedTokens(5, 5, (7,)),)


def test_timestamps_alone_are_no_text():
    assert split(at(0), at(5), END, END + 1) == ()


@given(st.lists(st.integers(0, FIRST + 600)))
def test_all_tokens_of_the_text_are_kept_in_order(tokens):
    kept = [token for segment in split(*tokens) for token in segment.tokens]
    assert kept == [token for token in tokens if token < END]


@given(st.lists(st.integers(0, FIRST + 600)))
def test_every_text_lies_within_the_window(tokens):
    assert all(0 <= segment.start <= segment.end <= SECONDS for segment in split(*tokens))


@pytest.mark.parametrize(
    ("spans", "gap"),
    [
        ([], 10),
        ([(0, 10)], 0),
        ([(4, 10)], 4),
        ([(0, 3)], 7),
        ([(1, 2), (7, 9)], 5),
        ([(0, 4), (3, 12)], 0),
    ],
)
def test_the_longest_gap_may_be_before_between_or_after(spans, gap):  # pains T2
    assert measure_longest_gap(spans, SECONDS) == gap


def test_each_segment_gets_the_words_of_its_tokens():
    aligned = [align(" a", 0, 0.5), align(" b", 0.5, 1, count=2), align(" c", 1, 1.5)]
    words = [[word.text for word in group] for group in split_words([part(3), part(1)], aligned)]
    assert words == [[" a", " b"], [" c"]]


def test_a_word_that_was_merged_into_its_neighbour_is_left_out():
    aligned = [align(" a.", 0, 0.5, count=2), align("", 0.5, 0.5, count=0), align(" b", 0.5, 1)]
    assert list(split_words([part(3)], aligned)) == [(Word(0, 0.5, " a.", 0.5), Word(0.5, 1, " b", 0.5))]


def test_a_segment_that_the_alignment_does_not_reach_has_no_words():
    assert list(split_words([part(1), part(2)], [align(" a", 0, 0.5)])) == [(Word(0, 0.5, " a", 0.5),), ()]


@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5), max_size=5))
def test_every_word_is_in_the_segment_that_its_tokens_are_in(counts):
    flat = [count for group in counts for count in group]
    aligned = [align(f" {index}", index, index + 0.5, count) for index, count in enumerate(flat)]
    found = list(split_words([part(sum(group)) for group in counts], aligned))
    assert [len(group) for group in found] == [len(group) for group in counts]
    assert [word.text for group in found for word in group] == [word["word"] for word in aligned]


def test_a_pause_before_the_first_word_of_a_segment_is_cut_off_it():
    aligned = [align(" a", 0, 5), align(" b", 5, 5.5), align(" c", 5.5, 6)]
    assert next(split_words([part(3)], aligned))[0] == Word(4, 5, " a", 0.5)


def test_a_pause_after_a_later_word_is_cut_off_it():
    aligned = [align(" a", 0, 0.5), align(" b", 0.5, 5), align(" c", 5, 5.5)]
    assert next(split_words([part(3)], aligned))[1] == Word(0.5, 1.5, " b", 0.5)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_word_of_usual_length_keeps_its_times(is_first):
    assert place_word(align(" a", 1, 2), 1.0, is_first=is_first) == Word(1, 2, " a", 0.5)


@pytest.mark.parametrize(
    ("lengths", "longest"),
    [([0.25, 0.5, 4.0], 1.0), ([0.5, 0.0, 0.0, 0.0], 1.0), ([3.0, 3.0], 1.4), ([0.02], 0.2), ([0.0], 0.0), ([], 0.0)],
)
def test_a_word_may_take_twice_the_usual_time(lengths, longest):
    assert measure_longest([align(" a", 1.0, 1.0 + length) for length in lengths]) == pytest.approx(longest)
