"""The sentences of docstrings and comments.

`python -m tests.test_sentences` prints how long first lines are, and how many have a comma.
"""

import ast
import io
import re
import statistics
import sys
import tokenize
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = [
    "accounts",
    "analysis",
    "benchmarks",
    "engine",
    "foundation",
    "jobs",
    "notifications",
    "tests",
    "transcribe_site",
    "versioning",
]
# Persons as subjects, turns of phrase that read as translated, and old words for things with a new one.
WORDS = re.compile(
    r"\b(anew|gives|lets|nobody|so long|so many|somebody|told|whoever"
    r"|(hand|hands|handed|handing) back|nudg(e|ed|es|ing)|parked|(postpone|postpones|postponed|postponing)"
    r"|sweep(s|er|ing)?|swept|(take|taken|takes|taking|took) in|textless|twins?|untold)\b",
    re.IGNORECASE,
)
# Errors have a section, names have single backticks, and a predicate says "Whether".
SHAPES = re.compile(r"``|\bRaises [A-Z]\w+|\A(Say|Tell) whether")
MOST_WORDS = 14
MOST_WORDS_AS_MEDIAN = 11
MOST_COMMAS = 0.30
# Modules that do not keep the rules yet: the list may only become shorter.
TO_BE_REWRITTEN = {
    "foundation/http/json_parser.py",
    "foundation/http/pagination.py",
    "foundation/http/strict_filters.py",
    "foundation/http/throttles.py",
    "foundation/problems.py",
    "jobs/asgi_requests.py",
    "jobs/domain/base/reasons.py",
    "jobs/domain/lifecycle/reuse.py",
    "jobs/domain/lifecycle/transitions.py",
    "jobs/domain/queue/enqueue.py",
    "jobs/domain/queue/fair_order.py",
    "jobs/domain/queue/heartbeat.py",
    "jobs/domain/queue/leases.py",
    "jobs/domain/steps/step_queue.py",
    "jobs/domain/steps/worker.py",
    "jobs/errors.py",
    "jobs/live/__init__.py",
    "jobs/live/feed_wakeup.py",
    "jobs/live/hub.py",
    "jobs/live/messages.py",
    "jobs/live/sse.py",
    "jobs/live/stream.py",
    "jobs/live/streams_app.py",
    "jobs/live/streams_wsgi.py",
    "jobs/live/websocket.py",
    "jobs/senders.py",
    "jobs/submit_throttle.py",
    "jobs/upload_handler.py",
    "tests/errands/__init__.py",
    "tests/foundation/database/test_leased_queue.py",
    "tests/test_docs.py",
    "tests/test_page_modules.py",
    "tests/test_problem_docs.py",
    "tests/test_waiting.py",
    "tests/transcribe_site/upgrade/previous_database.py",
    "tests/transcribe_site/upgrade/test_going_on.py",
    "tests/transcribe_site/upgrade/test_rewriting.py",
    "tests/waiting.py",
    "transcribe_site/body_limits.py",
    "transcribe_site/management/commands/write_problem_docs.py",
}


@cache
def list_modules():
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    return [path.relative_to(ROOT).as_posix() for path in sorted(found)]


@cache
def read_docstrings(module):
    """Return line and text of each docstring."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node)]
    return [(node.body[0].lineno, ast.get_docstring(node)) for node in nodes]


@cache
def read_comments(module):
    """Return line and text of each comment.

    Several lines in a row are one.
    """
    comments = []
    for token in tokenize.generate_tokens(io.StringIO((ROOT / module).read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            line, text = token.start[0], token.string.lstrip("# ")
            if comments and comments[-1][0] + comments[-1][1].count("\n") + 1 == line:
                comments[-1] = (comments[-1][0], f"{comments[-1][1]}\n{text}")
            else:
                comments.append((line, text))
    return comments


def list_first_lines(module):
    return [(line, text.partition("\n")[0]) for line, text in read_docstrings(module)]


def find_words(module):
    texts = [*read_docstrings(module), *read_comments(module)]
    return [
        f"{module}:{line} says {match[0]!r}" for line, text in texts for match in WORDS.finditer(" ".join(text.split()))
    ]


def find_long_lines(module):
    return [f"{module}:{line} {text}" for line, text in list_first_lines(module) if len(text.split()) > MOST_WORDS]


def find_shapes(module):
    return [f"{module}:{line} {text}" for line, text in read_docstrings(module) if SHAPES.search(text)]


def find_faults(module):
    return [*find_words(module), *find_shapes(module), *find_long_lines(module)]


def list_rewritten():
    return [module for module in list_modules() if module not in TO_BE_REWRITTEN]


def measure_first_lines(modules):
    """Return how many first lines there are, and their measures.

    The median is of words, the share of lines with a comma.
    """
    lines = [text for module in modules for _, text in list_first_lines(module)]
    median = statistics.median(len(text.split()) for text in lines)
    return len(lines), median, sum("," in text for text in lines) / len(lines)


def describe_measures():
    parts = {"all": list_modules(), "rewritten": list_rewritten()}
    measures = {name: measure_first_lines(modules) for name, modules in parts.items()}
    return "\n".join(
        f"{name}: {number} first lines, {median:g} words in the middle, {share:.0%} with a comma"
        for name, (number, median, share) in measures.items()
    )


def test_sentences_avoid_the_listed_words():
    assert [finding for module in list_rewritten() for finding in find_words(module)] == []


def test_docstrings_have_one_shape():
    assert [finding for module in list_rewritten() for finding in find_shapes(module)] == []


def test_first_lines_are_short():
    assert [finding for module in list_rewritten() for finding in find_long_lines(module)] == []


def test_first_lines_are_short_and_plain_on_the_whole():
    sys.stdout.write(f"{describe_measures()}\n")
    _, median, share = measure_first_lines(list_rewritten())
    assert median <= MOST_WORDS_AS_MEDIAN
    assert share <= MOST_COMMAS


def test_the_list_of_modules_to_rewrite_becomes_shorter():
    missing = TO_BE_REWRITTEN - set(list_modules())
    passing = {module for module in TO_BE_REWRITTEN - missing if not find_faults(module)}
    assert (missing, passing) == (set(), set())


def test_a_sentence_over_two_lines_is_searched_too(tmp_path, monkeypatch):
    (tmp_path / "module.py").write_text('# It is so\n# long.\n"""A line.\n\nThis is so\nmany."""\n')
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert find_words("module.py") == ["module.py:3 says 'so many'", "module.py:1 says 'so long'"]


if __name__ == "__main__":
    sys.stdout.write(f"{describe_measures()}\n")
