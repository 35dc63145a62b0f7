"""The topic of a text, by zero-shot classification.

It is compared in meaning with example phrases of each category.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.findings import UNCATEGORISED, Category
from analysis.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.embedding import Embedder

WINDOW_WORDS = 60  # about the length of text that the examples can resemble; well under the model's 256 tokens
MAX_WINDOWS = 8  # spread over the text: bounds the time for a text of hours to about a fifth of a second
CLOSEST_EXAMPLES = 3  # of 1, 2, 3 and all, three placed the most texts of tests/analysis/category_texts.py rightly
DEFAULT_MARGIN = 0.1


class Categorizer:
    """Sorts texts into categories.

    The examples are embedded once, when it is made. `categories` maps each name to phrases such as a recording of that
    category would contain. `margin` is how far the best category's similarity must lie above the mean of all of them,
    from 0 (always name one) to about 0.4.
    """

    def __init__(
        self,
        embedder: Embedder,
        categories: Mapping[str, Sequence[str]],
        margin: float,
        on_tick: Callable[[], object] = lambda: None,
    ) -> None:
        if len(categories) < 2 or not all(categories.values()):  # noqa: PLR2004 - a choice needs two
            raise ValueError("Categories need at least two names, each with at least one example phrase")
        self._embedder = embedder
        self._names = tuple(categories)
        self._examples = [embedder.embed(list(phrases), on_tick) for phrases in categories.values()]
        self._margin = margin

    def categorize(self, text: str, on_tick: Callable[[], object] = lambda: None) -> Category | None:
        """Return the category of a text.

        UNCATEGORISED where none stands out, None when there are no words.
        """
        windows = split_windows(text)
        if not windows:
            return None
        similarities = self._score_windows(self._embedder.embed(windows, on_tick)).mean(axis=0)
        best = int(similarities.argmax())
        stands_out = similarities[best] - similarities.mean() >= self._margin
        return Category(self._names[best] if stands_out else UNCATEGORISED, round(float(similarities[best]), 4))

    def _score_windows(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return similarities of shape (windows, categories).

        Each is the mean over the closest examples.
        """
        scores = [
            np.sort(windows @ examples.T, axis=1)[:, -CLOSEST_EXAMPLES:].mean(axis=1) for examples in self._examples
        ]
        return np.stack(scores, axis=1)


def split_windows(text: str) -> list[str]:
    """Return the text in windows of whole sentences.

    A window has about WINDOW_WORDS words, and there are at most MAX_WINDOWS. A longer text is sampled at even distances
    from its beginning to its end.
    """
    windows: list[list[str]] = []
    room = 0
    for sentence in split_sentences(text):
        words = len(sentence.split())
        if words > room:
            windows.append([])
            room = WINDOW_WORDS
        windows[-1].append(sentence)
        room -= words
    picked = np.linspace(0, len(windows) - 1, min(len(windows), MAX_WINDOWS)).round().astype(int)
    return [" ".join(windows[index]) for index in picked]
