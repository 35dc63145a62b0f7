"""Categories on hand-written texts with the real model."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from analysis import DEFAULT_CATEGORIES, UNCATEGORISED, Categorizer
from analysis.categories import MAX_WINDOWS, WINDOW_WORDS, split_windows

TEXTS = runpy.run_path(str(Path(__file__).with_name("category_texts.py")))


def count_right(categorizer, texts):
    return sum(categorizer.categorize(text).name == name for name, text in texts)


def test_of_the_texts_seen_nine_in_ten_are_placed_rightly(categorizer):
    assert count_right(categorizer, TEXTS["SEEN"]) >= 0.9 * len(TEXTS["SEEN"])


def test_of_the_unseen_texts_nearly_nine_in_ten_are_placed_rightly(categorizer):
    assert count_right(categorizer, TEXTS["UNSEEN"]) >= 0.87 * len(TEXTS["UNSEEN"])


def test_most_texts_about_nothing_are_uncategorised(categorizer):
    names = [categorizer.categorize(text).name for text in TEXTS["ABOUT_NOTHING"]]
    assert names.count(UNCATEGORISED) >= 0.75 * len(names)


def test_every_default_category_has_texts_of_both_kinds():
    assert {name for name, _ in TEXTS["SEEN"]} == {name for name, _ in TEXTS["UNSEEN"]} == set(DEFAULT_CATEGORIES)


def test_no_text_is_an_example_phrase():
    phrases = {phrase for phrases in DEFAULT_CATEGORIES.values() for phrase in phrases}
    assert phrases.isdisjoint(text for _, text in TEXTS["SEEN"] + TEXTS["UNSEEN"])


def test_each_default_category_has_at_least_six_phrases():
    assert {name for name, phrases in DEFAULT_CATEGORIES.items() if len(phrases) < 6} == set()


@pytest.mark.parametrize("name", DEFAULT_CATEGORIES)
def test_a_long_text_is_placed_like_its_parts(categorizer, name):
    text = " ".join(text for label, text in TEXTS["SEEN"] + TEXTS["UNSEEN"] if label == name)
    assert categorizer.categorize(text * 20).name == name


def test_the_beginning_alone_does_not_decide(categorizer):
    cooking = " ".join(text for label, text in TEXTS["SEEN"] if label == "Cooking")
    assert categorizer.categorize("Hi, how are you? Nice weather today. " + cooking * 10).name == "Cooking"


def test_a_greater_margin_names_fewer(embedder):
    strict = Categorizer(embedder, DEFAULT_CATEGORIES, margin=2)
    assert strict.categorize("Bake the cake for an hour.").name == UNCATEGORISED


def test_categories_can_be_named_by_their_owner(embedder):
    own = {"Birds": ["The robin sings in the tree."], "Ships": ["The ferry left the harbour."]}
    assert Categorizer(embedder, own, margin=0.05).categorize("An owl sat on a branch.").name == "Birds"


def test_the_score_is_the_similarity_of_the_best(embedder):
    own = {"Birds": ["The robin sings in the tree."], "Ships": ["The ferry left the harbour."]}
    assert Categorizer(embedder, own, margin=0).categorize("The robin sings in the tree.").score >= 0.97


def test_no_words_have_no_category(categorizer):
    assert categorizer.categorize(" \n ") is None


@pytest.mark.parametrize(
    "categories", [{}, {"Birds": ["The robin sings."]}, {"Birds": ["The robin sings."], "Ships": []}]
)
def test_a_choice_needs_two_categories_with_phrases(embedder, categories):
    with pytest.raises(ValueError, match="at least two names"):
        Categorizer(embedder, categories, margin=0)


def test_a_short_text_is_one_window():
    assert split_windows("One. Two.") == ["One. Two."]


def test_windows_hold_whole_sentences_up_to_their_words():
    sentence = " ".join(["word"] * 25) + "."
    assert split_windows(" ".join([sentence] * 3)) == [f"{sentence} {sentence}", sentence]


def test_a_long_text_gives_windows_from_beginning_to_end():
    sentences = [" ".join([f"word{index}"] * WINDOW_WORDS) + "." for index in range(200)]
    windows = split_windows(" ".join(sentences))
    places = [sentences.index(window) for window in windows]
    assert (len(windows), places[0], places[-1]) == (MAX_WINDOWS, 0, 199)
    assert set(np.diff(places)) == {28, 29}
