"""The findings about a text: sentiment, category or a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SentimentLabel = Literal["positive", "neutral", "negative"]
CategoryReason = Literal["category_model_missing", "language_not_supported", "no_text", "analysis_failed"]

UNCATEGORISED = "uncategorised"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a text sounds; `score` runs from -1 (negative) to 1 (positive)."""

    label: SentimentLabel
    score: float


@dataclass(frozen=True, slots=True)
class Category:
    """The topic of a text.

    `score` is the cosine similarity of the best category, from -1 to 1.
    """

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """The findings about one text.

    Without a category, `category_reason` is the code of the reason.
    """

    sentiment: Sentiment | None
    category: Category | None
    category_reason: CategoryReason | None
