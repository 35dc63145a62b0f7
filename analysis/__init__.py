"""From text to meaning as a library: sentiment and category; knows neither Django nor the other packages."""

from analysis.types import UNCATEGORISED, Analysis, Category, CategoryReason, Sentiment, SentimentLabel

__all__ = [
    "UNCATEGORISED",
    "Analysis",
    "Category",
    "CategoryReason",
    "Sentiment",
    "SentimentLabel",
]
