"""Fails when a package's coverage is below its floor.

`python -m tests.coverage_floors` after `pytest --cov`.

Coverage is by branch, as coverage.py counts it: lines and branches run, of all lines and branches.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage

OVERALL = 95.0
COMPLETE = ("analysis", "engine", "jobs/domain", "jobs/states.py", "foundation", "versioning")
# Heavy adapters run in processes of their own, which are not measured; real speech and real processes test them.
UNMEASURED = {
    "engine/pipe/child.py": "the child's main loop",
    "engine/recognition/decoding.py": "the decoder and the alignment of the real model",
    "engine/models/fetch.py": "the entry point of the process that asks the model hub",
    "engine/recognition/whisper.py": "faster-whisper, and the memory its models take",
}


@dataclass(frozen=True)
class Count:
    """The lines and branches of one file, all and covered."""

    total: int
    covered: int

    @property
    def percent(self) -> float:
        return 100.0 * self.covered / self.total if self.total else 100.0


def read_counts(report: dict) -> dict[str, Count]:
    """Return the count of each file of coverage's JSON report."""
    summaries = {name: entry["summary"] for name, entry in report["files"].items()}
    return {
        name: Count(
            summary["num_statements"] + summary.get("num_branches", 0),
            summary["covered_lines"] + summary.get("covered_branches", 0),
        )
        for name, summary in summaries.items()
    }


def find_shortfalls(counts: dict[str, Count]) -> list[str]:
    """Return a line for each floor that is not reached."""
    found = [f"{package}: nothing was measured" for package in COMPLETE if not select(counts, package)]
    for package in COMPLETE:
        for name, count in select(counts, package).items():
            if count.covered < count.total:
                found.append(f"{name}: {count.percent:.1f} % of 100 %")
    measured = [count for name, count in counts.items() if name not in UNMEASURED]
    overall = Count(sum(count.total for count in measured), sum(count.covered for count in measured))
    if overall.percent < OVERALL:
        found.append(f"overall: {overall.percent:.1f} % of {OVERALL:.0f} %")
    return found


def select(counts: dict[str, Count], package: str) -> dict[str, Count]:
    """Return the counts of a package's files, or of one file.

    Without what cannot be measured.
    """
    return {
        name: count
        for name, count in counts.items()
        if (name == package or name.startswith(f"{package}/")) and name not in UNMEASURED
    }


def read_report() -> dict:
    """Return the JSON report of the run whose data lies in .coverage."""
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(file))
        return json.loads(file.read_text(encoding="utf-8"))


def main() -> int:
    shortfalls = find_shortfalls(read_counts(read_report()))
    for line in shortfalls:
        print(line)  # noqa: T201 - a command's answer
    return 1 if shortfalls else 0


if __name__ == "__main__":
    sys.exit(main())
