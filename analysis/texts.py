"""The one entry point: a finished text in, its sentiment and category out."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from analysis.categories import DEFAULT_MARGIN, Categorizer
from analysis.default_categories import DEFAULT_CATEGORIES
from analysis.embedding import CategoryModel, Embedder, find_category_model
from analysis.sentiment import is_english, score_sentiment
from analysis.types import Analysis, Category, CategoryReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_loading = Lock()  # two threads must not load two models


def analyse(
    text: str,
    language: str | None,
    categories: Mapping[str, Sequence[str]] = DEFAULT_CATEGORIES,
    margin: float = DEFAULT_MARGIN,
    on_tick: Callable[[], object] = lambda: None,
) -> Analysis:
    """Return sentiment and category of a text in the language with this code (`en`, `de` ...; None is unknown).

    `on_tick` is called between the two, each of which takes a second or two for many hours of speech.

    The sentence model is loaded on first use and kept for the process. Raises ValueError for fewer than two
    categories or one without examples, UnusableModel when the packaged file is of another shape.
    """
    category, reason = _categorize(text, language, categories, margin)
    on_tick()
    return Analysis(score_sentiment(text, language), category, reason)


def _categorize(
    text: str, language: str | None, categories: Mapping[str, Sequence[str]], margin: float
) -> tuple[Category | None, CategoryReason | None]:
    if not text.strip():
        return None, "no_text"
    if not is_english(language):
        return None, "language_not_supported"
    model = find_category_model()
    if model is None:
        return None, "category_model_missing"
    frozen = tuple((name, tuple(phrases)) for name, phrases in categories.items())
    with _loading:
        categorizer = _make_categorizer(model, frozen, margin)
    return categorizer.categorize(text), None


@lru_cache(maxsize=1)
def _load_embedder(model: CategoryModel) -> Embedder:
    return Embedder(model)


@lru_cache(maxsize=1)
def _make_categorizer(
    model: CategoryModel, categories: tuple[tuple[str, tuple[str, ...]], ...], margin: float
) -> Categorizer:
    return Categorizer(_load_embedder(model), dict(categories), margin)
