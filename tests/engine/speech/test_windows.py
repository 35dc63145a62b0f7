"""The speech of a chunk fills few windows of even length."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ChunkPlan, Span
from engine.speech.windows import EVENNESS_SECONDS, cut_window, cut_windows, group_spans, measure_lengths, split_span

RATE = 16_000
LONGEST = 6.0


@st.composite
def speech(draw):
    """Spans of an eighth of a second to eight seconds, with pauses.

    Eighths are exact as floats.
    """
    eighths = st.integers(1, 64), st.integers(0, 24)
    spans, position = [], 0.0
    for length, pause in draw(st.lists(st.tuples(*eighths), max_size=7)):
        start = position + pause / 8
        position = start + length / 8
        spans.append(Span(start, position))
    return spans


def partition(spans):
    """Return every way to put spans into consecutive groups."""
    inner = range(1, len(spans))
    cuts = [cut for count in range(len(spans)) for cut in combinations(inner, count)]
    return [[spans[first:last] for first, last in pairwise([0, *cut, len(spans)])] for cut in cuts]


def measure_longest_shared(groups):
    """Return the seconds of the longest group of several spans.

    One span alone may take what it takes.
    """
    return max((measure_lengths(group)[-1] for group in groups if len(group) > 1), default=0.0)


@given(speech())
def test_each_span_is_in_one_group_in_order(spans):
    assert [span for group in group_spans(spans, LONGEST) for span in group] == spans


@given(speech())
def test_no_group_is_longer_than_allowed_unless_it_is_one_span(spans):
    assert measure_longest_shared(group_spans(spans, LONGEST)) <= LONGEST


@given(speech())
def test_no_other_way_needs_fewer_groups(spans):
    allowed = [len(groups) for groups in partition(spans) if measure_longest_shared(groups) <= LONGEST]
    assert len(group_spans(spans, LONGEST)) == min(allowed, default=0)


@given(speech())
def test_no_other_way_with_so_many_groups_is_much_more_even(spans):
    groups = group_spans(spans, LONGEST)
    same = [measure_longest_shared(other) for other in partition(spans) if len(other) == len(groups)]
    assert measure_longest_shared(groups) <= min(same, default=0.0) + EVENNESS_SECONDS


def test_no_speech_makes_no_group():
    assert group_spans([], LONGEST) == []


def test_a_span_that_is_too_long_is_a_group_of_its_own():
    spans = [Span(0, 1), Span(2, 12), Span(13, 14)]
    assert group_spans(spans, LONGEST) == [spans[:1], spans[1:2], spans[2:]]


@pytest.mark.parametrize(("longest", "groups"), [(4.0, 1), (3.9, 2)])
def test_a_group_may_be_exactly_as_long_as_allowed(longest, groups):
    assert len(group_spans([Span(0, 2), Span(5, 7)], longest)) == groups


def test_groups_are_evened_out_rather_than_filled():
    spans = [Span(index * 2.0, index * 2.0 + 1) for index in range(4)]
    assert group_spans(spans, 6.0) == [spans[:2], spans[2:]]


@pytest.mark.parametrize(("pause", "lengths"), [(0.0, [2, 5]), (1.0, [2, 6]), (1.125, [2, 5])])
def test_only_pauses_up_to_a_second_take_time_in_a_window(pause, lengths):
    assert measure_lengths([Span(0, 2), Span(2 + pause, 5 + pause)]) == lengths


@given(speech())
def test_a_window_is_as_long_as_was_measured(spans):
    samples = np.zeros(140 * RATE, np.int16)
    parts = [part for span in spans for part in split_span(span, LONGEST)]
    lengths = [pytest.approx(measure_lengths(group)[-1], abs=1e-3) for group in group_spans(parts, LONGEST)]
    windows = cut_windows(samples, ChunkPlan(0, 0.0, 140.0, 44, 1, tuple(spans)), LONGEST)
    assert [window.seconds for window in windows] == lengths


def test_windows_hold_the_sound_of_their_spans():
    samples = np.arange(20 * RATE, dtype=np.int32).astype(np.int16)
    chunk = ChunkPlan(0, 100.0, 120.0, 44, 1, (Span(101, 106), Span(110, 114)))
    first, second = cut_windows(samples, chunk, LONGEST)
    np.testing.assert_array_equal(first.samples, samples[RATE : 6 * RATE])
    np.testing.assert_array_equal(second.samples, samples[10 * RATE : 14 * RATE])
    assert (first.pieces, second.pieces) == ((Span(101, 106),), (Span(110, 114),))


def test_a_window_ends_with_the_samples():
    window = cut_window(np.zeros(2 * RATE, np.int16), 100.0, [Span(101.0, 105.0)])
    assert (window.seconds, window.pieces) == (1.0, (Span(101.0, 102.0),))
