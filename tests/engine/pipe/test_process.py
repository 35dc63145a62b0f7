"""Children that misbehave, each a real process."""

import sys

import pytest

from engine import EngineClient, EngineConfig, EngineCrashed, EngineOutOfMemory, EngineTimeout
from engine.pipe import process
from engine.pipe.process import ChildGone, ChildProcess, build_environment
from tests.engine.sounds import ignore
from tests.waiting import take_time


@pytest.fixture
def ask_child(monkeypatch, tmp_path):
    """Run some Python as the child and ask it to prepare."""

    def ask(code):
        monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", code])
        with EngineClient(EngineConfig(engine="fake")) as client:
            return client.prepare(
                tmp_path / "a", tmp_path / "b", language=None, max_seconds=9, timeout=20, on_tick=ignore
            )

    return ask


READ = "import os, signal, sys, time; sys.stdin.readline()\n"


def test_a_child_that_talks_nonsense_is_ended(ask_child):
    with pytest.raises(EngineCrashed):
        ask_child(READ + "print('hello', flush=True); time.sleep(60)")


def test_a_line_without_an_end_is_not_kept_for_ever(ask_child, monkeypatch):
    monkeypatch.setattr(process, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(EngineCrashed):
        ask_child(READ + "print('x' * 5000, end='', flush=True); time.sleep(60)")


def test_an_answer_in_two_pieces_is_one_answer(ask_child):
    code = READ + (
        'sys.stdout.write(\'{"kind":"error","code":\'); sys.stdout.flush(); time.sleep(0.1)\n'
        'print(\'"out_of_memory","detail":"half and half"}\', flush=True); time.sleep(60)'
    )
    with pytest.raises(EngineOutOfMemory, match="half and half"):
        ask_child(code)


def test_a_child_that_no_longer_listens_is_ended(monkeypatch):
    monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", "import os, time; os.close(0); time.sleep(60)"])
    child = ChildProcess(EngineConfig(engine="fake"))
    with pytest.raises(ChildGone):
        send_until_gone(child)
    assert child.explain_end().detail.startswith("child ended with None")


def send_until_gone(child):
    while True:
        child.send(b"x")
        take_time(0.02)


def test_processor_time_that_is_used_up_is_a_timeout(ask_child):
    with pytest.raises(EngineTimeout):
        ask_child(READ + "os.kill(os.getpid(), signal.SIGXCPU)")


@pytest.mark.parametrize("words", ["terminate called after throwing std::bad_alloc", "MemoryError"])
def test_what_allocators_print_is_lack_of_memory(ask_child, words):
    with pytest.raises(EngineOutOfMemory, match=words):
        ask_child(READ + f"sys.stderr.write({words!r}); sys.stderr.flush(); os.abort()")


def test_only_the_end_of_a_long_complaint_is_kept(ask_child):
    with pytest.raises(EngineCrashed) as caught:
        ask_child(READ + "sys.stderr.write('x' * 200_000 + 'the end'); sys.stderr.flush(); os._exit(3)")
    assert caught.value.detail.endswith("the end")
    assert len(caught.value.detail) < 5000


@pytest.mark.parametrize("given", [{"PATH": "/bin", "LANG": "C", "SECRET": "x"}, {"PATH": "/bin"}])
def test_the_environment_is_a_short_list(monkeypatch, given):
    monkeypatch.setattr(process.os, "environ", given)
    expected = {name: value for name, value in given.items() if name != "SECRET"}
    assert build_environment(2) == {**expected, "OMP_NUM_THREADS": "2"}
