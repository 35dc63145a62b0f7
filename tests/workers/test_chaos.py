"""A short attack on a whole service with real speech.

On each stack, with too much load before it: see tests/chaos.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import STACKS

pytestmark = [pytest.mark.workers, pytest.mark.speech]

ROOT = Path(__file__).resolve().parents[2]
SHORT = ["--minutes=0.5", "--faults=14", "--jobs=6", "--recordings=3"]
# Load alone is tried on SQLite, where it is hardest: only one writer is allowed at a time.
CALM_MINUTES = {"sqlite": 0.1, "postgresql": 0}


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_lost_doubled_or_stuck_whatever_is_broken(stack):
    # pains Q1, Q2, Q3, Q4, Q5, Q7, Q11
    command = [sys.executable, "-m", "tests.chaos", "--stack", stack, f"--calm-minutes={CALM_MINUTES[stack]}", *SHORT]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
