import json

import pytest

from analysis import DEFAULT_CATEGORIES, Analysis, Category, Sentiment
from jobs.domain.steps import finish_step
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job

FOUND = Analysis(Sentiment("positive", 0.6), Category("Meeting", 0.4), None)
NOTHING = Analysis(None, None, "model_missing")


@pytest.fixture
def transcribed(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=2)
    for text in ("Thank you all.", "That was a good meeting."):
        say(claim(), text)


@pytest.fixture
def let_analysis_find(monkeypatch):
    """Replace the analysis; returns what it was asked."""
    asked = []

    def let(answer):
        monkeypatch.setattr(finish_step, "analyse", lambda *args, on_tick: asked.append(args) or answer)
        return asked

    return let


def test_the_text_is_joined_and_counted(transcribed, let_analysis_find):
    let_analysis_find(FOUND)
    STEPS.work_for(30)
    transcript = Job.objects.get().transcript
    assert (transcript.text, transcript.words) == ("Thank you all. That was a good meeting.", 8)
    assert (transcript.preview, transcript.confidence, transcript.is_complete) == (transcript.text, 0.8, True)


def test_the_analysis_gets_the_text_its_language_and_the_categories(transcribed, let_analysis_find):
    asked = let_analysis_find(FOUND)
    STEPS.work_for(30)
    text, language, categories = asked[0]
    assert (text, language) == ("Thank you all. That was a good meeting.", "en")
    assert list(categories) == list(DEFAULT_CATEGORIES)


def test_what_the_analysis_found_is_stored(transcribed, let_analysis_find):
    let_analysis_find(FOUND)
    STEPS.work_for(30)
    transcript = Job.objects.get().transcript
    assert (transcript.sentiment, transcript.sentiment_score) == ("positive", 0.6)
    assert (transcript.category, transcript.category_score, transcript.category_reason) == ("Meeting", 0.4, "")


def test_what_the_analysis_could_not_find_is_left_open(transcribed, let_analysis_find):
    let_analysis_find(NOTHING)
    STEPS.work_for(30)
    transcript = Job.objects.get().transcript
    assert (transcript.sentiment, transcript.sentiment_score) == ("", None)
    assert (transcript.category, transcript.category_score, transcript.category_reason) == ("", None, "model_missing")


def test_the_text_is_stored_before_it_is_analysed(transcribed, monkeypatch):
    # pains Q10
    seen = []
    facts = Job.objects.values_list("stage", "transcript__words", "transcript__is_complete")
    monkeypatch.setattr(finish_step, "analyse", lambda *args, on_tick: seen.append(facts.get()) or FOUND)
    STEPS.work_for(30)
    assert seen == [("analysing", 8, False)]


def test_the_mood_of_a_real_text_is_found(transcribed):
    STEPS.work_for(30)
    assert Job.objects.get().transcript.sentiment == "positive"


def test_categories_of_ones_own_replace_the_built_in(tmp_path):
    file = tmp_path / "categories.json"
    table = {"Recipe": ["Stir the eggs", "Bake for an hour"], "Letter": ["Dear aunt"]}
    file.write_text(json.dumps(table), encoding="utf-8")
    assert finish_step.load_categories(str(file)) == {
        "Recipe": ("Stir the eggs", "Bake for an hour"),
        "Letter": ("Dear aunt",),
    }


@pytest.mark.parametrize(
    "table",
    [[], {}, {"One": ["phrase"]}, {"One": ["phrase"], "Two": []}, {"One": ["a"], "Two": "b"}, {"A": [1], "B": ["c"]}],
)
def test_a_table_that_is_none_is_refused(tmp_path, table):
    file = tmp_path / "categories.json"
    file.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(ValueError, match="at least two categories"):
        finish_step.load_categories(str(file))


def test_without_a_file_the_built_in_categories_hold():
    assert list(finish_step.load_categories("")) == list(DEFAULT_CATEGORIES)
