"""Every error code is explained in docs/problems.md, and no other."""

import re
from pathlib import Path
from typing import get_args

import engine.errors
import jobs.errors
from analysis import CategoryReason
from foundation import problems

TEXT = (Path(problems.__file__).parents[1] / "docs" / "problems.md").read_text(encoding="utf-8")
REQUESTS, _, REST = TEXT.partition("## Recordings and jobs")
JOBS_AND_ENGINE, _, CATEGORY = REST.partition("## Category")


def list_codes(text):
    return re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)


def find_codes(module, base):
    return {kind.code for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base)}


def test_the_codes_of_requests_are_listed_once():
    others = [
        "delivery_open",
        "range_not_satisfiable",
        "stream_unavailable",
        "too_many_targets",
        "tus_version_unknown",
        "upload_header_invalid",
        "uploads_need_asgi",
        "version_mismatch",
    ]
    assert sorted(list_codes(REQUESTS)) == sorted([*problems.STANDARD, *others])


def test_the_statuses_are_the_ones_sent():
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", REQUESTS, flags=re.MULTILINE))
    assert {code: str(status) for code, (status, _, _) in problems.STANDARD.items()}.items() <= listed.items()


def test_the_codes_of_jobs_and_engine_are_listed_once():
    codes = find_codes(jobs.errors, jobs.errors.JobError) | find_codes(engine.errors, engine.errors.EngineError)
    assert sorted(list_codes(JOBS_AND_ENGINE)) == sorted(codes)


def test_the_reasons_for_a_missing_category_are_listed_once():
    assert sorted(list_codes(CATEGORY)) == sorted(get_args(CategoryReason))
