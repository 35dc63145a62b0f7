"""Tests wait for what is seen: nothing but tests/waiting.py sleeps."""

import ast
from pathlib import Path

import pytest

from tests.waiting import wait_until

TESTS = Path(__file__).parent
SLEEPS = {"sleep", "wait_for_timeout"}
# What sleeps by itself: the module for it, programs that no test waits for, and what is still to be moved to it.
EXEMPT = (
    "waiting.py",
    "chaos/",
    "postgres.py",
    "e2e/",
    "workers/",
    "engine/recognition/test_whisper.py",
    "jobs/steps/test_worker.py",
    "transcribe_site/sites.py",
)


def list_modules():
    found = {path.relative_to(TESTS).as_posix(): path for path in TESTS.rglob("*.py")}
    return {name: path for name, path in found.items() if not name.startswith(EXEMPT)}


def find_sleeps(source):
    """Return the lines that call something by the name of a sleep, or import it."""
    tree = ast.walk(ast.parse(source))
    return sorted(node.lineno for node in tree if get_names(node) & SLEEPS)


def get_names(node):
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.Call):
        return {getattr(node.func, "attr", getattr(node.func, "id", ""))}
    return set()


def test_nothing_sleeps_but_the_module_for_it():
    found = {name: find_sleeps(path.read_text(encoding="utf-8")) for name, path in list_modules().items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source", ["time.sleep(1)", "from time import sleep", "asyncio.sleep(1)", "sleep(1)", "tab.wait_for_timeout(1)"]
)
def test_each_way_to_sleep_is_found(source):
    assert find_sleeps(source) == [1]


def test_code_that_another_program_runs_may_sleep():
    assert find_sleeps('CODE = "import time; time.sleep(60)"') == []


def test_what_is_true_at_last_is_returned():
    answers = iter([0, [], 7])
    assert wait_until(lambda: next(answers)) == 7


def test_what_never_comes_is_named():
    def is_ready():
        return False

    with pytest.raises(AssertionError, match="not within 0 s: is_ready"):
        wait_until(is_ready, 0)
