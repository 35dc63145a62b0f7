"""What analysis says about a text: its sentiment, its category, or why there is none."""

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
    """What a text is about; `score` is the cosine similarity of the best category, from -1 to 1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is said about one text; without a category, `category_reason` is the code of why."""

    sentiment: Sentiment | None
    category: Category | None
    category_reason: CategoryReason | None
