"""Speech that no word was written for is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Segment, Span, Word
from engine.speech.coverage import LEAST_SECONDS, LEAST_WORDLESS_SECONDS, MARGIN_SECONDS, find_untranscribed, subtract

SPEECH = (Span(10.0, 20.0),)


def write(*spans):
    """Return a segment with one word at each of the spans."""
    words = tuple(Word(start, end, " word", 0.9) for start, end in spans)
    return Segment(words[0].start, words[-1].end, "word", 0.9, words)


@st.composite
def spans(draw, **options):
    pairs = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), **options))
    return [Span(start, start + length) for start, length in sorted(pairs)]


def list_seconds(parts):
    return [second for part in parts for second in range(part.start, part.end)]


def test_speech_without_any_text_is_textless():  # pains T2
    assert find_untranscribed(SPEECH, []) == SPEECH


def test_speech_with_words_all_along_is_not():
    assert find_untranscribed(SPEECH, [write((10.5, 12), (13, 16), (17, 19.5))]) == ()


def test_what_lies_between_two_words_is_textless_but_for_a_margin():  # pains T2
    found = find_untranscribed(SPEECH, [write((10, 12), (18, 20))])
    assert found == (Span(12 + MARGIN_SECONDS, 18 - MARGIN_SECONDS),)


def test_what_lies_between_two_segments_is_textless():  # pains T2
    assert find_untranscribed(SPEECH, [write((10, 11)), write((16, 20))]) == (Span(11.75, 15.25),)


@pytest.mark.parametrize(("missing", "expected"), [(LEAST_SECONDS, 1), (LEAST_SECONDS - 0.01, 0)])
def test_less_than_two_seconds_beside_a_text_are_no_missing_word(missing, expected):
    speech = (Span(0.0, 2.0 + MARGIN_SECONDS + missing),)
    assert len(find_untranscribed(speech, [write((0, 2))])) == expected


def test_a_short_turn_without_any_word_is_missing():  # pains T2
    speech = tuple(Span(start, start + 1.9) for start in range(0, 30, 3))
    assert find_untranscribed(speech, []) == speech


def test_a_click_is_no_missing_turn():
    assert find_untranscribed((Span(0.0, LEAST_WORDLESS_SECONDS - 0.01),), []) == ()


def test_stretches_that_were_cut_without_a_pause_are_one():  # pains T2
    speech, text = (Span(0.0, 14.0), Span(14.0, 28.0)), [write((0, 11.3)), write((16.7, 28))]
    assert find_untranscribed(speech, text) == (Span(12.05, 15.95),)


def test_a_segment_without_words_is_written_all_along():
    assert find_untranscribed(SPEECH, [Segment(13.0, 15.0, "text", 0.9)]) == (Span(10.0, 12.25), Span(15.75, 20.0))


def test_text_where_nobody_speaks_covers_nothing():
    assert find_untranscribed(SPEECH, [write((2, 9))]) == SPEECH


def test_speech_before_the_first_text_is_textless():  # pains T2
    assert find_untranscribed((*SPEECH, Span(30.0, 32.0)), [write((30, 32))]) == SPEECH


@given(st.builds(Span, st.integers(0, 20), st.integers(20, 40)), spans(max_size=6))
def test_rest_and_taken_do_not_overlap(span, taken):
    assert not set(list_seconds(subtract(span, taken))) & set(list_seconds(taken))


@given(st.builds(Span, st.integers(0, 20), st.integers(20, 40)), spans(max_size=6))
def test_each_second_that_is_not_taken_is_left_once_in_order(span, taken):
    gone = set(list_seconds(taken))
    expected = [second for second in list_seconds([span]) if second not in gone]
    assert list_seconds(subtract(span, taken)) == expected


@pytest.mark.parametrize("taken", [[], [Span(0, 0)], [Span(-5, 0)]])
def test_nothing_taken_leaves_the_whole(taken):
    assert list(subtract(Span(0, 9), taken)) == [Span(0, 9)]


@pytest.mark.parametrize("taken", [[Span(0, 9)], [Span(-1, 10)], [Span(-1, 5), Span(4, 9)]])
def test_all_taken_leaves_nothing(taken):
    assert list(subtract(Span(0, 9), taken)) == []
