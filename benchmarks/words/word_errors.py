"""Word errors and their certainty.

How many there are, and where.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jiwer
import numpy as np
from whisper_normalizer.basic import BasicTextNormalizer  # type: ignore[import-untyped]  # ships no types
from whisper_normalizer.english import EnglishTextNormalizer  # type: ignore[import-untyped]

from benchmarks.speech.clips import Utterance

BLOCK_SECONDS = 30.0
DRAWS, SEED = 10_000, 0
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of about half a minute with its word errors.

    An error is a wrong, missing or surplus word.
    """

    words: int
    errors: int


@lru_cache
def build_normalizer(language: str) -> Callable[[str], str]:
    """Return the function that makes texts comparable.

    Accents are dropped, since some of the known texts lack theirs.
    """
    normalizer: Callable[[str], str] = (
        EnglishTextNormalizer() if language == "en" else BasicTextNormalizer(remove_diacritics=True)
    )
    return normalizer


def split_words(text: str, language: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return [word for word in build_normalizer(language)(text).split() if any(map(str.isalnum, word))]


def count_errors(said: Sequence[Sequence[str]], heard: Sequence[str]) -> list[int]:
    """Return the errors of each utterance.

    Surplus words belong to the utterance before them.
    """
    owners = [number for number, words in enumerate(said) for _ in words]
    if not owners:
        return [len(heard)] if said else []
    errors = [0] * len(said)
    for kind, start, end, heard_start, heard_end in align([word for words in said for word in words], heard):
        if kind == "insert":
            errors[owners[max(0, start - 1)]] += heard_end - heard_start
        elif kind != "equal":
            for owner in owners[start:end]:
                errors[owner] += 1
    return errors


def align(said: Sequence[str], heard: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return the runs of an alignment of words.

    They are equal, substituted, deleted or inserted. Each has its kind, then start and end in the spoken words and in
    the text. Either may be empty.
    """
    if not said or not heard:
        kind = "delete" if said else "insert"
        return [(kind, 0, len(said), 0, len(heard))] if said or heard else []
    found = jiwer.process_words(" ".join(said), " ".join(heard)).alignments[0]
    return [(run.type, run.ref_start_idx, run.ref_end_idx, run.hyp_start_idx, run.hyp_end_idx) for run in found]


def score_blocks(utterances: Sequence[Utterance], text: str, language: str) -> list[Block]:
    """Return the errors of a text in blocks of half a minute."""
    said = [split_words(utterance.text, language) for utterance in utterances]
    errors = count_errors(said, split_words(text, language))
    blocks: list[Block] = []
    words = wrong = 0
    began_at = utterances[0].start if utterances else 0.0
    for utterance, own_words, own_errors in zip(utterances, said, errors, strict=True):
        if utterance.start - began_at >= BLOCK_SECONDS:
            blocks.append(Block(words, wrong))
            words, wrong, began_at = 0, 0, utterance.start
        words, wrong = words + len(own_words), wrong + own_errors
    return [*blocks, Block(words, wrong)]


def rate_errors(blocks: Sequence[Block]) -> float:
    """Return the word error rate, 0 to 1 and beyond."""
    return sum(block.errors for block in blocks) / max(1, sum(block.words for block in blocks))


def bound_difference(own: Sequence[Block], other: Sequence[Block]) -> tuple[float, float]:
    """Return the 95 % interval of a difference of word error rates.

    Both are of the same blocks; it is how much higher the first one is. A bootstrap over blocks: they are drawn with
    replacement, always in the same way.
    """
    words = np.array([block.words for block in own])
    more = np.array([mine.errors - theirs.errors for mine, theirs in zip(own, other, strict=True)])
    drawn = np.random.default_rng(SEED).integers(0, len(words), (DRAWS, len(words)))
    differences = more[drawn].sum(axis=1) / np.maximum(1, words[drawn].sum(axis=1))
    low, high = np.quantile(differences, INTERVAL)
    return float(low), float(high)
