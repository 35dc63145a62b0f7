"""The sentiment of a text: VADER's scores, adapted to long texts."""

from __future__ import annotations

from functools import lru_cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis.findings import Sentiment, SentimentLabel
from analysis.sentences import split_sentences

# Hutto & Gilbert's own bounds for the compound score (vaderSentiment's README, "About the Scoring").
POSITIVE_FROM = 0.05
NEGATIVE_TO = -0.05


@lru_cache(maxsize=1)
def _load_analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def score_sentiment(text: str, language: str | None) -> Sentiment | None:
    """Return the sentiment of an English text.

    None for other languages (VADER's lexicon is English) and for no text. VADER's compound is s / sqrt(s² + 15) of the
    summed valence s: it was made for single sentences and runs to ±1 on long text whatever it says. So each sentence is
    scored alone and the text gets the mean, weighted by words. Sentences without feeling count: a long report with one
    kind word is neutral.
    """
    sentences = split_sentences(text)
    if not sentences or not is_english(language):
        return None
    words = [len(sentence.split()) for sentence in sentences]
    scores = [_load_analyzer().polarity_scores(sentence)["compound"] for sentence in sentences]
    score = sum(score * count for score, count in zip(scores, words, strict=True)) / sum(words)
    return Sentiment(_get_label(score), round(score, 4))


def is_english(language: str | None) -> bool:
    """Whether a language code such as `en` or `en-GB` means English."""
    return language is not None and language.lower().replace("_", "-").split("-")[0] == "en"


def _get_label(score: float) -> SentimentLabel:
    if score >= POSITIVE_FROM:
        return "positive"
    return "negative" if score <= NEGATIVE_TO else "neutral"
