"""The one entry point: a text in, sentiment and category out."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from analysis.categories import DEFAULT_MARGIN, Categorizer
from analysis.default_categories import DEFAULT_CATEGORIES
from analysis.embedding import CategoryModel, Embedder, find_category_model
from analysis.findings import Analysis, Category, CategoryReason
from analysis.sentiment import is_english, score_sentiment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_loading = Lock()  # two threads must not load two models
_made: dict[tuple[object, ...], Categorizer] = {}


def analyse(
    text: str,
    language: str | None,
    categories: Mapping[str, Sequence[str]] = DEFAULT_CATEGORIES,
    margin: float = DEFAULT_MARGIN,
    on_tick: Callable[[], object] = lambda: None,
) -> Analysis:
    """Return sentiment and category of a text.

    `language` is a code such as `en` or `de`; None is unknown. `on_tick` is called all along, at least once a second on
    a machine that is not overloaded. The sentence model is loaded on first use and kept for the process.

    Raises:
        ValueError: there are fewer than two categories, or one has no examples.
        UnusableModel: the packaged file is of another shape.
    """
    category, reason = _categorize(text, language, categories, margin, on_tick)
    on_tick()
    return Analysis(score_sentiment(text, language), category, reason)


def _categorize(
    text: str,
    language: str | None,
    categories: Mapping[str, Sequence[str]],
    margin: float,
    on_tick: Callable[[], object],
) -> tuple[Category | None, CategoryReason | None]:
    if not text.strip():
        return None, "no_text"
    if not is_english(language):
        return None, "language_not_supported"
    model = find_category_model()
    if model is None:
        return None, "category_model_missing"
    return _get_categorizer(model, categories, margin, on_tick).categorize(text, on_tick), None


@lru_cache(maxsize=1)
def _load_embedder(model: CategoryModel) -> Embedder:
    return Embedder(model)


def _get_categorizer(
    model: CategoryModel,
    categories: Mapping[str, Sequence[str]],
    margin: float,
    on_tick: Callable[[], object],
) -> Categorizer:
    """Return the last categorizer if it fits or else a new one."""
    key = (model, tuple((name, tuple(phrases)) for name, phrases in categories.items()), margin)
    with _loading:
        if key not in _made:
            made = Categorizer(_load_embedder(model), categories, margin, on_tick)
            _made.clear()
            _made[key] = made
        return _made[key]
