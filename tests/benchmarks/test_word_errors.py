"""Word errors: where they are counted, and how sure a difference is."""

import pytest

from benchmarks.speech.clips import Utterance
from benchmarks.words.word_errors import Block, bound_difference, count_errors, rate_errors, score_blocks


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ([["a", "b"], ["c"]], ["a", "b", "c"], [0, 0]),
        ([["a", "b"], ["c"]], ["a", "x", "c"], [1, 0]),
        ([["a", "b"], ["c"]], ["a", "b"], [0, 1]),
        ([["a", "b"], ["c"]], ["a", "b", "x", "y", "c"], [2, 0]),
        ([["a"], ["c"]], ["x", "a", "c"], [1, 0]),
        ([["a", "b"], ["c"]], [], [2, 1]),
        ([[], ["c"]], ["c"], [0, 0]),
        ([[]], ["x"], [1]),
        ([], [], []),
    ],
)
def test_errors_belong_to_the_utterance_they_are_in(said, heard, errors):
    assert count_errors(said, heard) == errors


def test_blocks_are_about_half_a_minute():
    utterances = [Utterance(at, at + 8, "two words") for at in (0.0, 10.0, 20.0, 31.0, 40.0)]
    assert score_blocks(utterances, "two words " * 4 + "two", "en") == [Block(6, 0), Block(4, 1)]


def test_spelling_of_numbers_and_accents_are_no_errors():
    english = [Utterance(0, 1, "Press twenty-one, don't wait.")]
    spanish = [Utterance(0, 1, "La contrasena numero uno.")]
    assert rate_errors(score_blocks(english, "press 21 do not wait", "en")) == 0
    assert rate_errors(score_blocks(spanish, "la contraseña número uno", "es")) == 0


def test_difference_has_an_interval_that_is_always_the_same():
    own = [Block(10, errors) for errors in (0, 1, 2, 0, 1, 0, 3, 1)]
    other = [Block(10, errors + 1) for errors in (0, 1, 2, 0, 1, 0, 3, 1)]
    assert bound_difference(own, other) == pytest.approx((-0.1, -0.1))
    low, high = bound_difference(own, list(reversed(own)))
    assert low < 0 < high
    assert (low, high) == bound_difference(own, list(reversed(own)))
