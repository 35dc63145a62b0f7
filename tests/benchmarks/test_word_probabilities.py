"""Words against what was said, and what their probabilities are worth."""

import pytest

from benchmarks.speech.clips import Utterance
from benchmarks.words.word_probabilities import (
    JudgedWord,
    bin_words,
    judge_words,
    measure_auc,
    measure_calibration_error,
    measure_marks,
)
from engine import Segment, Transcript, Word


def make_transcript(*words, flags=()):
    heard = tuple(Word(number, number + 1, f" {text}", probability) for number, (text, probability) in enumerate(words))
    segment = Segment(0, len(words), "".join(word.text for word in heard).strip(), 0.9, heard, flags)
    return Transcript((segment,), len(words), "en", None, 0.9)


def make_words(*pairs):
    return [JudgedWord("clean", "word", probability, right, (), probability < 0.5) for probability, right in pairs]


def judge(transcript, text):
    judged = judge_words("clean", [Utterance(0, 9, text)], transcript, "en")
    return [(word.text, word.right, word.marked) for word in judged]


def test_words_are_right_when_all_of_them_was_said():
    transcript = make_transcript(("You", 0.9), ("can't", 0.9), ("...", 0.9), ("sea", 0.4), ("it.", 0.9))
    assert judge(transcript, "you can't see it") == [
        ("You", True, False),
        ("can't", True, False),
        ("sea", False, True),
        ("it.", True, False),
    ]


@pytest.mark.parametrize(
    ("said", "heard"),
    [("voice mail for you", "voicemail for you"), ("voicemail for you", "voice mail for you"), ("so 28.8", "so 28 .8")],
)
def test_compounds_may_be_written_in_one_word_or_two(said, heard):
    transcript = make_transcript(*((word, 0.9) for word in heard.split()))
    assert all(right for _, right, _ in judge(transcript, said))


def test_words_with_a_hyphen_come_apart():
    assert judge(make_transcript(("9", 0.9), ("-3", 0.9)), "nine three") == [("9", True, False), ("-3", True, False)]


def test_words_of_a_flagged_segment_are_marked():
    assert judge(make_transcript(("so", 0.9), flags=("repetition",)), "so") == [("so", True, True)]


def test_all_is_wrong_where_nothing_was_said():
    judged = judge_words("hum", [], make_transcript(("thank", 0.9), ("you", 0.9)), "en")
    assert [word.right for word in judged] == [False, False]


def test_bins_and_their_error():
    bins = bin_words(make_words((0.95, True), (0.95, True), (0.95, False), (0.05, False), (1.0, True)))
    assert [group.words for group in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 4]
    assert bins[-1].right == 0.75
    assert measure_calibration_error(bins) == pytest.approx((4 * (0.9625 - 0.75) + 0.05) / 5)


def test_auc_counts_ties_half():
    assert measure_auc(make_words((0.9, True), (0.1, False))) == 1
    assert measure_auc(make_words((0.9, True), (0.9, False))) == 0.5
    assert measure_auc(make_words((0.2, True), (0.8, True), (0.5, False))) == 0.5
    assert measure_auc(make_words((0.9, True))) == 0.5


def test_shares_of_marked_words():
    words = make_words((0.9, True), (0.4, True), (0.6, False), (0.3, False))
    assert measure_marks(words) == (0.5, 0.5)
    assert measure_marks(words, 0.7) == (1.0, 0.5)
