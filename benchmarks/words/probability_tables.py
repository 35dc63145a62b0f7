"""The tables of word probabilities and marks.

They show whether these can be relied on.
"""

from collections.abc import Sequence

from benchmarks.speed.promises import report
from benchmarks.words.word_probabilities import (
    BINS,
    THRESHOLDS,
    JudgedWord,
    bin_words,
    measure_auc,
    measure_calibration_error,
    measure_marks,
)

LEAST_WRONG_MARKED, MOST_RIGHT_MARKED = 0.70, 0.10


def print_calibration(words: Sequence[JudgedWord]) -> list[bool]:
    """Print the judgement of all words; return the reached aims."""
    bins = bin_words(words)
    print(f"\n{'probability':<14}{'words':>8}{'mean':>8}{'right':>8}")
    for number, group in enumerate(bins):
        span = f"{number / BINS:.1f}-{(number + 1) / BINS:.1f}"
        print(f"{span:<14}{group.words:>8}{group.probability:>8.1%}{group.right:>8.1%}")
    print(f"AUC {measure_auc(words):.3f}, expected calibration error {measure_calibration_error(bins):.3f}")
    print(f"\n{'marked below':<14}{'of wrong':>10}{'of right':>10}")
    for threshold in THRESHOLDS:
        wrong, right = measure_marks(words, threshold)
        print(f"{threshold:<14.1f}{wrong:>10.1%}{right:>10.1%}")
    return judge_marks(words)


def judge_marks(words: Sequence[JudgedWord]) -> list[bool]:
    """Print whether the marks find wrong words and spare right ones.

    Enough of the wrong ones must be found.
    """
    wrong, right = measure_marks(words)
    kept = [
        report(f"{wrong:.1%} of wrong words marked (>= {LEAST_WRONG_MARKED:.0%})", kept=wrong >= LEAST_WRONG_MARKED),
        report(f"{right:.1%} of right words marked (<= {MOST_RIGHT_MARKED:.0%})", kept=right <= MOST_RIGHT_MARKED),
    ]
    print(flush=True)
    return kept
