"""The tables of docs/problems.md are those of the code, and each code has one set of words."""

import ast
import re
from typing import get_args

from django.conf import settings
from django.core.management import call_command

from analysis import CategoryReason
from engine import ERRORS
from jobs.domain.base.reasons import ERROR_KINDS
from jobs.errors import JobError
from transcribe_site.management.commands import write_problem_docs

TEXT = write_problem_docs.PATH.read_text(encoding="utf-8")
ROOMS = ("accounts", "foundation", "jobs", "notifications", "transcribe_site", "versioning")
ERROR_ROWS, _, CATEGORY = TEXT.partition("## Category")


def list_codes(text):
    return re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)


def find_written_codes():
    """Return the codes of the rows of problems in code, and of problems that have no row."""
    trees = (ast.parse(file.read_text("utf-8")) for room in ROOMS for file in (settings.BASE_DIR / room).rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    named = [(getattr(call.func, "id", ""), [getattr(arg, "value", None) for arg in call.args]) for call in calls]
    rows = {args[0] for name, args in named if name == "ProblemRow"}
    return rows, [args for name, args in named if name == "Problem" and isinstance(args[0], int)]


def find_codes(base):
    return {base.code}.union(*(find_codes(kind) for kind in base.__subclasses__()))


def test_the_page_is_the_one_that_the_command_writes():
    assert write_problem_docs.write_tables(TEXT) == TEXT, "run `make docs`"


def test_a_stale_page_is_written_again(tmp_path, monkeypatch):
    page = tmp_path / "problems.md"
    page.write_text(TEXT.replace("| `disk_full` | 507 |", "| `disk_full` | 500 |"), encoding="utf-8")
    monkeypatch.setattr(write_problem_docs, "PATH", page)
    call_command("write_problem_docs")
    assert page.read_text(encoding="utf-8") == TEXT


def test_every_code_is_listed():
    codes = {row.code for row in write_problem_docs.REQUEST_ROWS} | find_codes(JobError) | set(ERRORS)
    assert set(list_codes(ERROR_ROWS)) == codes


def test_every_problem_in_code_is_a_listed_row():
    rows, others = find_written_codes()
    assert (rows, others) == ({row.code for row in write_problem_docs.REQUEST_ROWS}, [])


def test_a_code_is_in_two_tables_only_where_requests_and_jobs_have_it():
    codes = list_codes(ERROR_ROWS)
    assert {code for code in codes if codes.count(code) > 1} == {"database_unavailable"}


def test_every_kind_has_its_own_words():
    assert [kind for kind in ERROR_KINDS if not {"code", "title", "message"} <= set(vars(kind))] == []


def test_kinds_with_one_code_have_one_title_and_one_advice():
    words = {(kind.code, kind.title, kind.advice) for kind in ERROR_KINDS}
    assert sorted(code for code, _, _ in words) == sorted({kind.code for kind in ERROR_KINDS})


def test_the_reasons_for_a_missing_category_are_listed_once():
    assert sorted(list_codes(CATEGORY)) == sorted(get_args(CategoryReason))
