import pytest

from tests import coverage_floors
from tests.coverage_floors import COMPLETE, Count

FULL = {f"{package}/a.py" if "." not in package else package: Count(100, 100) for package in COMPLETE}


def test_full_coverage_passes():
    assert coverage_floors.find_shortfalls(FULL) == []


def test_one_branch_missing_of_a_complete_package_is_named():
    counts = FULL | {"jobs/domain/a.py": Count(200, 199)}
    assert coverage_floors.find_shortfalls(counts) == ["jobs/domain/a.py: 99.5 % of 100 %"]


def test_elsewhere_a_gap_is_fine_while_the_whole_is_covered():
    assert coverage_floors.find_shortfalls(FULL | {"accounts/a.py": Count(100, 70)}) == []


def test_too_little_overall_is_named():
    assert coverage_floors.find_shortfalls(FULL | {"accounts/a.py": Count(300, 200)}) == ["overall: 88.9 % of 95 %"]


def test_what_runs_in_the_child_alone_does_not_count():
    assert coverage_floors.find_shortfalls(FULL | {"engine/recognition/whisper.py": Count(1000, 0)}) == []


def test_a_package_that_was_not_measured_is_named():
    counts = {name: count for name, count in FULL.items() if not name.startswith("foundation/")}
    assert coverage_floors.find_shortfalls(counts) == ["foundation: nothing was measured"]


@pytest.mark.parametrize(
    ("summary", "count"),
    [
        ({"num_statements": 8, "covered_lines": 7, "num_branches": 4, "covered_branches": 3}, Count(12, 10)),
        ({"num_statements": 0, "covered_lines": 0}, Count(0, 0)),
    ],
)
def test_lines_and_branches_count_alike(summary, count):
    assert coverage_floors.read_counts({"files": {"a.py": {"summary": summary}}}) == {"a.py": count}


def test_an_empty_file_is_covered():
    assert Count(0, 0).percent == 100.0
