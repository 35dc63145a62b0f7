"""What the documents name exists: links, files, modules, tables, pains and their tests."""

import importlib
import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps

from jobs.domain.feed import events

ROOT = Path(__file__).resolve().parents[1]
MARK = re.compile(r"\bpains ([A-Z]\d+(?:, [A-Z]\d+)*)")
CODE = {path for folder in ("tests", "static", "jobs", "engine", "accounts") for path in (ROOT / folder).rglob("*.*")}
SOURCES = sorted(path for path in CODE if path.suffix in {".py", ".js"} and path != Path(__file__).resolve())


def read_doc(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def read_rows(text):
    """Return the cells of each row of the tables in `text`, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = {number for number, row in enumerate(rows) if set("".join(row)) <= set("-: ")}
    return [row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules]


def find_marks(path):
    marked = MARK.findall(path.read_text(encoding="utf-8"))
    return {number for numbers in marked for number in numbers.split(", ")}


PAINS = read_rows(read_doc("pains.md"))


def test_each_pain_has_one_number():
    numbers = Counter(row[0] for row in PAINS)
    assert [number for number, times in numbers.items() if times > 1] == []


def test_the_pains_that_code_names_exist():
    numbers = {row[0] for row in PAINS}
    unknown = {str(path.relative_to(ROOT)): found for path in SOURCES if (found := find_marks(path) - numbers)}
    assert unknown == {}


def test_some_code_names_pains():
    assert len(set().union(*map(find_marks, SOURCES))) > 20


@pytest.mark.parametrize("row", PAINS, ids=lambda row: row[0])
def test_a_pain_names_a_test_that_is_marked_with_it(row):
    number, *_, covered = row
    named = re.fullmatch(r"`(tests/[\w/]+\.py)`", covered)
    marked = {str(path.relative_to(ROOT)) for path in SOURCES if number in find_marks(path)}
    assert named[1] in marked if named else (covered.startswith("no test: ") and not marked)


GLOSSARY = read_rows(read_doc("glossary.md"))
TERMS = [row[0] for row in GLOSSARY]
PLACES = sorted({place for row in GLOSSARY for place in re.findall(r"`([^`]+)`", row[2])})
TABLES = {model.__name__ for model in apps.get_models(include_auto_created=True)}


def test_the_terms_of_the_glossary_are_sorted_and_unique():
    assert sorted(set(TERMS)) == TERMS
    assert len(TERMS) >= 30


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0])
def test_a_term_says_what_it_means_where_it_is_and_what_it_is_not(row):
    _, meaning, where, other = row
    assert meaning.endswith(".")
    assert re.fullmatch(r"`[\w.]+`(, `[\w.]+`)*", where)
    assert other


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_the_glossary_names_exists(place):
    assert place in TABLES or ("." in place and importlib.util.find_spec(place) is not None)


TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = "accounts|analysis|engine|foundation|jobs|notifications|transcribe_site|versioning|benchmarks|tests"
MODULE = re.compile(rf"`((?:{ROOMS})(?:\.[a-z_0-9]+)+)")
FILE = re.compile(rf"`((?:{ROOMS}|templates|static|docs)/[\w/.-]+\.(?:py|js|html|md))`")


def is_module_or_member(name):
    module, _, member = name.rpartition(".")
    return find_module(name) or (find_module(module) and hasattr(importlib.import_module(module), member))


def find_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_links_to_or_names_exists(path):
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    missing += [name for name in MODULE.findall(text) if not is_module_or_member(name)]
    assert missing == []


def test_documents_name_modules_and_files():
    text = "".join(path.read_text(encoding="utf-8") for path in TEXTS)
    assert len(MODULE.findall(text)) > 20
    assert len(FILE.findall(text)) > 10


def test_the_kinds_of_events_are_listed_once():
    _, _, after = read_doc("api.md").partition("| kind of event |")
    listed = re.findall(r"`(\w+)`", " ".join(row[0] for row in read_rows("|" + after.partition("\n\n")[0])))
    kinds = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
    assert sorted(listed) == sorted(kinds)
