"""Sentiment on real text with the real lexicon."""

import pytest

from analysis import Sentiment, score_sentiment


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this. It is the best day of my life.", "positive"),
        ("This is horrible, and I hate every minute of it.", "negative"),
        ("The train leaves at nine from platform four.", "neutral"),
        ("Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.", "negative"),
    ],
)
def test_sentiment_is_named_as_a_reader_would(text, label):
    assert score_sentiment(text, "en").label == label


def test_text_without_feeling_scores_zero():
    assert score_sentiment("The table has four legs.", "en") == Sentiment("neutral", 0.0)


@pytest.mark.parametrize("language", ["de", "", None, "eng-unknown"])
def test_other_languages_have_no_sentiment(language):
    assert score_sentiment("I love this.", language) is None


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US"])
def test_every_english_is_english(language):
    assert score_sentiment("I love this.", language).label == "positive"


@pytest.mark.parametrize("text", ["", " \n "])
def test_no_text_has_no_sentiment(text):
    assert score_sentiment(text, "en") is None


def test_one_kind_word_does_not_make_a_long_report_positive():
    report = "The train leaves at nine from platform four. " * 200
    assert score_sentiment(report + "That is nice.", "en").label == "neutral"


def test_length_alone_does_not_raise_the_score():
    sentence = "The food was good. "
    assert score_sentiment(sentence * 300, "en") == score_sentiment(sentence, "en")


def test_long_sentences_weigh_more_than_short_ones():
    long_praise = "The view from the terrace over the lake and the hills was wonderful and the evening was lovely."
    assert score_sentiment(f"Bad. {long_praise}", "en").label == "positive"


def test_scores_stay_within_bounds():
    scores = [score_sentiment(word * 500, "en").score for word in ("great love joy happy. ", "hate kill awful. ")]
    assert [-1 <= scores[0] <= 1, -1 <= scores[1] <= 1, scores[1] < 0 < scores[0]] == [True, True, True]
