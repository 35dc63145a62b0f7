"""Review spots are in order, and a serious one needs a review."""

from dataclasses import replace

import pytest

from engine import ReviewSpot, Segment, Span, Transcript, Word, needs_review
from engine.flags import SPOT_FLAGS, TRANSCRIPT_FLAGS
from engine.text.review_flags import DOUBTFUL_PROBABILITY, REVIEW_CONFIDENCE, find_review_spots, is_doubtful

SURE, UNSURE = 0.99, 0.1
GOOD = Transcript((), 10.0, "en", 0.99, 0.95)


def write(*words, flags=()):
    """Return a segment of words.

    Each is its start, end and probability.
    """
    found = tuple(Word(start, end, " word", probability) for start, end, probability in words)
    return Segment(words[0][0], words[-1][1], "word", 0.9, found, flags)


@pytest.mark.parametrize(
    ("probability", "expected"), [(DOUBTFUL_PROBABILITY, False), (DOUBTFUL_PROBABILITY - 0.01, True)]
)
def test_a_word_is_doubtful_below_a_probability(probability, expected):
    assert is_doubtful(Word(0, 1, " word", probability)) == expected


def test_sure_words_are_no_doubt():
    assert find_review_spots([write((0, 1, SURE), (1, 2, SURE))], [], []) == ()


def test_a_doubtful_word_is_a_place():
    assert find_review_spots([write((0, 1, SURE), (1, 2, UNSURE))], [], []) == (ReviewSpot(1, 2, ("unsure_words",)),)


def test_doubtful_words_within_a_second_are_one_place():
    segment = write((0, 1, UNSURE), (1, 2, SURE), (2, 3, UNSURE))
    assert find_review_spots([segment], [], []) == (ReviewSpot(0, 3, ("unsure_words",)),)


def test_doubtful_words_further_apart_are_two_places():
    segment = write((0, 1, UNSURE), (1, 2.1, SURE), (2.1, 3, UNSURE), (3, 4, UNSURE))
    assert find_review_spots([segment], [], []) == (
        ReviewSpot(0, 1, ("unsure_words",)),
        ReviewSpot(2.1, 4, ("unsure_words",)),
    )


def test_doubtful_words_of_two_segments_are_two_places():
    found = find_review_spots([write((0, 1, UNSURE)), write((1, 2, UNSURE))], [], [])
    assert found == (ReviewSpot(0, 1, ("unsure_words",)), ReviewSpot(1, 2, ("unsure_words",)))


def test_a_segment_with_flags_is_one_place_whatever_its_words():
    segment = write((0, 1, SURE), (1, 2, UNSURE), (5, 6, UNSURE), flags=("repetition", "low_confidence"))
    assert find_review_spots([segment], [], []) == (ReviewSpot(0, 6, ("repetition", "low_confidence")),)


def test_what_is_missing_is_a_place():  # pains T2
    found = find_review_spots([], [Span(1, 4)], [Span(7, 9)])
    assert found == (ReviewSpot(1, 4, ("speech_without_text",)), ReviewSpot(7, 9, ("gap",)))


def test_places_are_in_the_order_of_the_recording():
    segments = [write((2, 3, UNSURE)), write((6, 7, SURE), flags=("repetition",))]
    found = find_review_spots(segments, [Span(8, 11), Span(4, 6)], [Span(6, 6.5), Span(0, 1)])
    assert [(place.start, place.end) for place in found] == [(0, 1), (2, 3), (4, 6), (6, 6.5), (6, 7), (8, 11)]


def test_a_text_without_doubts_needs_no_review():
    assert needs_review(GOOD) is False


@pytest.mark.parametrize("flag", TRANSCRIPT_FLAGS)
def test_whatever_is_wrong_with_the_whole_needs_a_review(flag):
    assert needs_review(replace(GOOD, flags=(flag,))) is True


@pytest.mark.parametrize(
    ("confidence", "expected"), [(REVIEW_CONFIDENCE - 0.01, True), (REVIEW_CONFIDENCE, False), (None, False)]
)
def test_a_low_confidence_needs_a_review(confidence, expected):
    assert needs_review(replace(GOOD, confidence=confidence)) == expected


@pytest.mark.parametrize("flag", SPOT_FLAGS)
def test_a_place_that_is_more_than_unsure_words_needs_a_review(flag):  # pains T1
    harmless = flag in {"unsure_words", "low_confidence"}
    assert needs_review(replace(GOOD, review_spots=(ReviewSpot(0, 1, (flag,)),))) is not harmless


def test_a_harmless_flag_does_not_hide_another():
    review_spots = (ReviewSpot(0, 1, ("unsure_words",)), ReviewSpot(2, 3, ("low_confidence", "repetition")))
    assert needs_review(replace(GOOD, review_spots=review_spots)) is True
