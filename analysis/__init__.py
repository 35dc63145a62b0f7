"""From text to meaning as a library: sentiment and category.

It knows neither Django nor the other packages.
"""

from analysis.categories import DEFAULT_MARGIN, Categorizer
from analysis.default_categories import DEFAULT_CATEGORIES
from analysis.embedding import CategoryModel, Embedder, UnusableModel, find_category_model
from analysis.findings import UNCATEGORISED, Analysis, Category, CategoryReason, Sentiment, SentimentLabel
from analysis.sentiment import score_sentiment
from analysis.texts import analyse

__all__ = [
    "DEFAULT_CATEGORIES",
    "DEFAULT_MARGIN",
    "UNCATEGORISED",
    "Analysis",
    "Categorizer",
    "Category",
    "CategoryModel",
    "CategoryReason",
    "Embedder",
    "Sentiment",
    "SentimentLabel",
    "UnusableModel",
    "analyse",
    "find_category_model",
    "score_sentiment",
]
