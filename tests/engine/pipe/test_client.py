"""The child is watched and replaced.

The processes are real throughout.
"""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from engine import (
    EngineClient,
    EngineConfig,
    EngineCrashed,
    EngineOutOfMemory,
    EngineTimeout,
    ModelMissing,
    TooLong,
    UnreadableMedia,
    UnsupportedLanguage,
)
from engine.recognition.fake import MARKERS
from tests.engine.processes import is_running, wait_until_gone
from tests.engine.sounds import ignore, make_tone, record, write_wav
from tests.waiting import take_time


@pytest.fixture
def source(tmp_path):
    return write_wav(tmp_path / "source.wav", make_tone(5))


def prepare(client, source, **changes):
    settings = {"language": "en", "max_seconds": 3600, "timeout": 20, "on_tick": ignore, **changes}
    return client.prepare(source, source.with_name("copy.wav"), **settings)


def transcribe(client, source, chunk, **changes):
    settings = {"language": "en", "timeout": 20, "on_tick": ignore, **changes}
    return client.transcribe(source.with_name("copy.wav"), chunk, **settings)


def test_a_tone_becomes_one_word_a_second(fake_client, source):
    client = fake_client()
    chunk = prepare(client, source).chunks[0]
    segments = transcribe(client, source, chunk).segments
    assert [segment.text[-1] for segment in segments] == ["0", "1", "2", "3", "4"]


def test_parts_are_joined_in_the_child(fake_client, tmp_path):
    parts = [tmp_path / "0", tmp_path / "1"]
    for part in parts:
        part.write_bytes(record(1))
    joined = fake_client().join(parts, tmp_path / "joined", timeout=20, on_tick=ignore)
    assert (joined.container, (tmp_path / "joined").stat().st_size > 1000) == ("webm", True)


def test_the_same_child_serves_one_request_after_the_other(fake_client, source):
    client = fake_client()
    chunk = prepare(client, source).chunks[0]
    pid = client.child_pid
    transcribe(client, source, chunk)
    assert client.child_pid == pid


def test_ticks_come_at_least_twice_a_second_with_seconds_done(fake_client, source):
    client, ticks = fake_client(delay_per_second=0.3), []
    chunk = prepare(client, source).chunks[0]
    transcribe(client, source, chunk, on_tick=lambda done: ticks.append((time.monotonic(), done)))
    gaps = [after[0] - before[0] for before, after in pairwise(ticks)]
    assert max(gaps) < 0.5
    assert [done for _, done in ticks] == sorted(done for _, done in ticks)
    assert ticks[-1][1] >= 3.0


def test_an_exception_from_a_tick_kills_the_child_and_passes_on(fake_client, source):  # pains Q7
    client = fake_client(delay_per_second=5)
    chunk = prepare(client, source).chunks[0]
    pid, started = client.child_pid, time.monotonic()

    def lose_lease(done):
        raise KeyError("lease")

    with pytest.raises(KeyError):
        transcribe(client, source, chunk, on_tick=lose_lease)
    assert (is_running(pid), time.monotonic() - started < 1) == (False, True)


def test_a_hang_ends_at_the_timeout_and_the_next_request_works(fake_client, source):  # pains Q1
    client = fake_client(faults=((2, "hang"),))
    plan = prepare(client, source)
    pid = client.child_pid
    with pytest.raises(EngineTimeout):
        transcribe(client, source, plan.chunks[0], timeout=0.6)
    assert not is_running(pid)
    assert prepare(client, source) == plan


def test_a_crash_is_told_and_the_next_request_works(fake_client, source):  # pains O4
    client = fake_client(faults=((2, "crash"),))
    plan = prepare(client, source)
    with pytest.raises(EngineCrashed) as caught:
        transcribe(client, source, plan.chunks[0])
    assert (caught.value.retryable, f"ended with {-signal.SIGSEGV}" in caught.value.detail) == (True, True)
    assert prepare(client, source) == plan


def test_a_bug_leaves_its_traceback_in_the_detail(fake_client, source):  # pains Q12
    client = fake_client(faults=((-1, "stop"),))
    with pytest.raises(EngineCrashed, match="RuntimeError: the fake engine was asked to stop"):
        prepare(client, source)


def test_a_child_that_ran_out_of_memory_is_thrown_away(fake_client, source):  # pains Q5
    client = fake_client(faults=((2, "memory"),))
    chunk = prepare(client, source).chunks[0]
    with pytest.raises(EngineOutOfMemory):
        transcribe(client, source, chunk)
    assert client.child_pid is None


def test_too_little_memory_to_start_is_told_as_such(fake_client, source):
    client = fake_client(memory_limit_bytes=120 * 1024 * 1024)
    with pytest.raises((EngineOutOfMemory, EngineCrashed)):
        prepare(client, source)


def test_an_engine_error_keeps_the_child(fake_client, source):
    client = fake_client(faults=((2, "fail"),))
    chunk = prepare(client, source).chunks[0]
    pid = client.child_pid
    with pytest.raises(UnreadableMedia, match="asked to fail"):
        transcribe(client, source, chunk)
    assert (client.child_pid, is_running(pid)) == (pid, True)


@pytest.mark.parametrize(("name", "error"), [("crash", EngineCrashed), ("fail", UnreadableMedia)])
def test_bytes_in_the_recording_trigger_a_fault(fake_client, tmp_path, name, error):
    samples = make_tone(5)
    samples[40_000:40_008] = memoryview(MARKERS[name]).cast("h")[:8]
    source = write_wav(tmp_path / "source.wav", samples)
    client = fake_client()
    with pytest.raises(error):
        transcribe(client, source, prepare(client, source).chunks[0])


def test_a_child_killed_from_outside_is_a_crash(fake_client, source):
    client = fake_client(delay_per_second=5)
    chunk = prepare(client, source).chunks[0]
    with pytest.raises(EngineCrashed):
        transcribe(client, source, chunk, on_tick=lambda done: os.kill(client.child_pid, signal.SIGKILL))


def test_a_child_that_died_between_requests_is_replaced(fake_client, source):
    client = fake_client()
    plan = prepare(client, source)
    os.kill(client.child_pid, signal.SIGKILL)
    os.waitid(os.P_PID, client.child_pid, os.WEXITED | os.WNOWAIT)
    assert prepare(client, source) == plan


def test_an_idle_child_is_replaced_and_memory_comes_back(fake_client, source):  # pains Q6
    client = fake_client(idle_seconds=0.1)
    prepare(client, source)
    pid = client.child_pid
    take_time(0.2)
    prepare(client, source)
    assert (client.child_pid != pid, is_running(pid)) == (True, False)


def test_an_idle_child_ends_by_itself(fake_client, source, monkeypatch):  # pains Q6
    client = fake_client(idle_seconds=-4.5)  # half a second with the grace of the child
    prepare(client, source)
    assert wait_until_gone(client.child_pid, 2)


def test_a_recording_over_the_limit_is_too_long(fake_client, source):
    with pytest.raises(TooLong):
        prepare(fake_client(), source, max_seconds=4)


def test_a_failed_preparation_leaves_no_file(fake_client, source):
    with pytest.raises(TooLong):
        prepare(fake_client(), source, max_seconds=4)
    assert [path.name for path in source.parent.iterdir()] == ["source.wav"]


def test_a_language_the_model_does_not_know_is_refused(fake_client, source):
    with pytest.raises(UnsupportedLanguage):
        prepare(fake_client(), source, language="xx")


def test_without_a_model_the_error_comes_at_once(source):
    with pytest.raises(ModelMissing):
        prepare(EngineClient(EngineConfig()), source)


def test_the_child_gets_no_secret_and_no_descriptor(fake_client, source, monkeypatch):
    monkeypatch.setenv("TRANSCRIBE_SECRET_KEY", "secret")
    with source.open() as kept:
        os.set_inheritable(kept.fileno(), True)
        client = fake_client()
        prepare(client, source)
        opened = [str(path.readlink()) for path in Path(f"/proc/{client.child_pid}/fd").iterdir()]
    names = {line.split("=")[0] for line in Path(f"/proc/{client.child_pid}/environ").read_text().split("\0") if line}
    assert names <= {"PATH", "LANG", "OMP_NUM_THREADS"}
    assert str(source) not in opened


ORPHAN = """
import os, sys
from pathlib import Path
from engine import EngineClient, EngineConfig, FakeBehaviour
client = EngineClient(EngineConfig(engine="fake", fake=FakeBehaviour(faults=((1, "hang"),))))
source = Path(sys.argv[1])
plan = client.prepare(source, source.with_name("copy.wav"), language="en", max_seconds=99, timeout=20, on_tick=id)
print(client.child_pid, flush=True)
client.transcribe(source.with_name("copy.wav"), plan.chunks[0], language="en", timeout=99, on_tick=id)
"""


def test_no_orphan_outlives_a_killed_worker(source):
    command = [sys.executable, "-c", ORPHAN, str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as worker:
        pid = int(worker.stdout.readline())
        take_time(0.3)
        assert is_running(pid)
        worker.kill()
    assert wait_until_gone(pid, 2)


def test_a_forked_copy_starts_a_child_of_its_own(fake_client, source):
    client = fake_client()
    plan = prepare(client, source)
    pid = client.child_pid
    forked = os.fork()
    if not forked:
        same = prepare(client, source) == plan and client.child_pid != pid
        client.close()
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert (is_running(pid), prepare(client, source)) == (True, plan)


def test_the_child_of_another_process_is_left_alone(fake_client, source):
    client = fake_client()
    prepare(client, source)
    pid = client.child_pid
    client._owner += 1
    prepare(client, source)
    assert client.child_pid != pid
    # Its stdin was this process's as well, so it ends now that no process holds it.
    assert wait_until_gone(pid, 2)
    os.waitpid(pid, 0)


def test_leaving_the_client_ends_its_child(fake_client, source):
    with fake_client() as client:
        prepare(client, source)
        pid = client.child_pid
    assert not is_running(pid)
