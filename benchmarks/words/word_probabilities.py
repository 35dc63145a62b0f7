"""The truth of word probabilities and of doubtful marks.

A probability should say how likely a word is right, a mark find the wrong words.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.speech.clips import Utterance
from benchmarks.words.word_errors import align, split_words
from engine import Transcript, is_doubtful

BINS = 10
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class JudgedWord:
    """A word of a transcript with its correctness and its flags."""

    condition: str
    text: str
    probability: float
    right: bool
    flags: tuple[str, ...]
    marked: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """The words of a range of probabilities.

    How many, how probable and how right they are on average.
    """

    words: int
    probability: float
    right: float


def judge_words(
    condition: str, utterances: Sequence[Utterance], transcript: Transcript, language: str
) -> list[JudgedWord]:
    """Align the words with the spoken ones.

    A word is right when all of it is. What is only punctuation is left out.
    """
    words = [(word, segment) for segment in transcript.segments for word in segment.words]
    # The decoder separates the words of "one-two", and puts the hyphen into the second one.
    parts = [split_words(word.text.strip().lstrip("-"), language) for word, _ in words]
    heard = [part for pieces in parts for part in pieces]
    said = [part for utterance in utterances for word in utterance.text.split() for part in split_words(word, language)]
    right = find_right(match_compounds(said, heard), heard)
    judged, at = [], 0
    for (word, segment), pieces in zip(words, parts, strict=True):
        if pieces:
            marked = is_doubtful(word) or bool(segment.flags)
            good = all(right[at : at + len(pieces)])
            judged.append(JudgedWord(condition, word.text.strip(), word.probability, good, segment.flags, marked))
        at += len(pieces)
    return judged


def match_compounds(said: Sequence[str], heard: Sequence[str]) -> list[str]:
    """Return the spoken words with compounds as they were heard.

    As in voice mail and voicemail.
    """
    whole = set(heard)
    pairs = {left + right: (left, right) for left, right in pairwise(heard)}
    matched: list[str] = []
    waiting = deque(said)
    while waiting:
        word = waiting.popleft()
        if waiting and word + waiting[0] in whole:
            matched.append(word + waiting.popleft())
        else:
            matched += (word,) if word in whole else pairs.get(word, (word,))
    return matched


def find_right(said: Sequence[str], heard: Sequence[str]) -> list[bool]:
    """Say of each word that was heard whether it was said there."""
    right = [False] * len(heard)
    for kind, _start, _end, heard_start, heard_end in align(said, heard):
        if kind == "equal":
            right[heard_start:heard_end] = [True] * (heard_end - heard_start)
    return right


def bin_words(words: Sequence[JudgedWord]) -> list[Bin]:
    """Return ten ranges of probability from low to high.

    An empty one counts no words.
    """
    grouped: list[list[JudgedWord]] = [[] for _ in range(BINS)]
    for word in words:
        grouped[min(BINS - 1, int(word.probability * BINS))].append(word)
    return [
        Bin(
            len(group),
            float(np.mean([word.probability for word in group])) if group else 0.0,
            float(np.mean([word.right for word in group])) if group else 0.0,
        )
        for group in grouped
    ]


def measure_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error.

    That is how far probability and rightness are apart, weighted by words.
    """
    total = sum(group.words for group in bins)
    return sum(group.words * abs(group.probability - group.right) for group in bins) / max(1, total)


def measure_auc(words: Sequence[JudgedWord]) -> float:
    """Return how often right words are more probable than wrong ones.

    Ties count half; 0.5 without one of either.
    """
    right = np.array([word.right for word in words], dtype=bool)
    rights, wrongs = int(right.sum()), int((~right).sum())
    if not rights or not wrongs:
        return 0.5
    _, places, counts = np.unique([word.probability for word in words], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[right].sum() - rights * (rights + 1) / 2) / (rights * wrongs))


def measure_marks(words: Sequence[JudgedWord], threshold: float | None = None) -> tuple[float, float]:
    """Return the marked shares of wrong and of right words.

    With a `threshold`, of those that the probability alone would mark.
    """
    shares = []
    for right in (False, True):
        marks = [
            word.marked if threshold is None else word.probability < threshold for word in words if word.right == right
        ]
        shares.append(sum(marks) / len(marks) if marks else 0.0)
    return shares[0], shares[1]
