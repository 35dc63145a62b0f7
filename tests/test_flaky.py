import os
import signal
import subprocess
import sys

import pytest

from tests import flaky
from tests.flaky import keep_busy, list_failures
from tests.waiting import wait_until

HOLDER = """
from tests.flaky import keep_busy
with keep_busy(1) as loops:
    print(loops[0].pid, flush=True)
    input()
"""
# Fails at each second run: the file is there then.
EVERY_SECOND = """
import pathlib, sys
mark = pathlib.Path(sys.argv[1])
if mark.exists():
    mark.unlink()
    sys.exit("failed now and then")
mark.touch()
"""


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def fail_in_loops():
    with keep_busy(2) as loops:
        assert [loop.poll() for loop in loops] == [None, None]
        raise KeyboardInterrupt(loops)


def test_the_loops_end_however_the_runs_end():
    with pytest.raises(KeyboardInterrupt) as ended:
        fail_in_loops()
    assert [loop.poll() for loop in ended.value.args[0]] == [-signal.SIGKILL] * 2


def test_the_loops_end_with_a_process_that_is_killed():
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        loop = int(holder.stdout.readline())
        assert is_running(loop)
        holder.kill()
    wait_until(lambda: not is_running(loop))


def test_the_output_of_each_run_that_failed_is_kept(tmp_path, capsys):
    failures = list_failures([sys.executable, "-c", EVERY_SECOND, str(tmp_path / "mark")], 4)
    assert failures == ["failed now and then\n"] * 2
    assert capsys.readouterr().out == "1/4: passed\n2/4: failed\n3/4: passed\n4/4: failed\n"


@pytest.mark.parametrize(("code", "status", "last"), [("", 0, "0 of 1"), ("import sys; sys.exit(1)", 1, "1 of 1")])
def test_a_failure_is_the_exit_status(monkeypatch, capsys, code, status, last):
    monkeypatch.setattr(flaky, "PYTEST", (sys.executable, "-c", code))
    monkeypatch.setattr(sys, "argv", ["flaky", "1", "tests/a.py"])
    assert flaky.main() == status
    assert capsys.readouterr().out.splitlines()[-1] == f"{last} runs failed"
