"""The parts of `manage.py serve`.

Small programs stand for web server and workers.
"""

import io
import signal
import socket
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.setup import ensure_setup_token
from transcribe_site.management.commands import serve

SLEEP = "import time; time.sleep(60)"
END = "raise SystemExit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def run():
    """Start small programs; they end with the test."""
    programs = []

    def start(code):
        programs.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()
        program.wait()
        program.stdout.close()


@pytest.fixture
def keep_signals():
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_free_port_is_accepted(free_port):
    serve.check_port("127.0.0.1", free_port)


def test_a_port_in_use_is_named_before_anything_starts(listener):
    with pytest.raises(CommandError) as raised:
        serve.check_port("127.0.0.1", listener)
    assert str(raised.value) == f"127.0.0.1:{listener} can't be used: Address already in use. Set HOST or PORT."


def test_a_number_that_is_no_port_is_named():
    with pytest.raises(CommandError) as raised:
        serve.check_port("127.0.0.1", 70_000)
    assert str(raised.value) == "70000 is no port: the highest is 65535. Set PORT."


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing is bound
def test_a_server_is_found_listening(listener, host):
    assert serve.is_listening(host, listener)


def test_where_nobody_listens_nobody_is_found(free_port):
    assert not serve.is_listening("127.0.0.1", free_port)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),  # noqa: S104 - nothing is bound
        ("::", "http://[::1]:8000/"),
        ("transcribe.example", "http://transcribe.example:8000/"),
    ],
)
def test_the_address_is_one_that_can_be_opened(db, settings, tmp_path, host, address):
    settings.DATA_DIR = tmp_path
    User.objects.create_user("anna")
    assert serve.describe_service(host, 8000, None) == [f"Transcribe is ready: {address}"]


def test_without_an_account_the_address_carries_the_token(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert serve.build_address("http", "127.0.0.1", 8000) == f"http://127.0.0.1:8000/set-up/#{ensure_setup_token()}"


def test_the_web_server_ends_although_streams_are_open():
    # pains O1
    command = serve.Runner("127.0.0.1", 8000).build_web_command()
    assert command[-2:] == ["--timeout-graceful-shutdown", "5"]
    assert command[1:8] == [
        "-m",
        "uvicorn",
        "transcribe_site.asgi:application",
        "--host",
        "127.0.0.1",
        "--port",
        "8000",
    ]


def test_web_server_and_workers_are_started_together(monkeypatch, run):
    commands = []
    monkeypatch.setattr(serve, "start_program", lambda command: commands.append(command) or run(SLEEP))
    runner = serve.Runner("127.0.0.1", 8000)
    runner.start()
    assert list(runner.programs) == ["web", "workers"]
    assert commands == [runner.build_web_command(), [sys.executable, "manage.py", "workers", "--skip-checks"]]


def test_a_program_is_in_a_group_of_its_own():
    program = serve.start_program([sys.executable, "-c", "import os; raise SystemExit(os.getpgrp() != os.getpid())"])
    assert program.wait() == 0


def test_ready_is_when_the_server_listens(listener, run):
    runner = serve.Runner("127.0.0.1", listener)
    runner.programs = {"web": run(SLEEP)}
    assert runner.wait_until_ready()


def test_a_server_that_ends_is_never_ready(free_port, run):
    runner = serve.Runner("127.0.0.1", free_port)
    runner.programs = {"web": run(END)}
    assert not runner.wait_until_ready()


def test_a_web_server_that_ends_is_the_end(run):
    runner = serve.Runner("127.0.0.1", 8000)
    runner.programs = {"web": run(END), "workers": run(SLEEP)}
    runner.programs["web"].wait()
    with pytest.raises(CommandError, match="The web server ended with status 3"):
        runner.wait()


def test_workers_that_end_are_started_again_but_not_at_once(monkeypatch, run):
    runner = serve.Runner("127.0.0.1", 8000)
    runner.programs = {"web": run(SLEEP), "workers": run(END)}
    runner.restarted_at = time.monotonic() - serve.RESTART_SECONDS + 0.3
    started_at = []

    def start_workers():
        started_at.append(time.monotonic())
        runner.stopping = True
        return run(SLEEP)

    monkeypatch.setattr(serve, "start_workers", start_workers)
    begun_at = time.monotonic()
    runner.wait()
    assert len(started_at) == 1
    assert started_at[0] - begun_at > 0.2


def test_both_programs_are_asked_to_end(run):
    runner = serve.Runner("127.0.0.1", 8000)
    runner.programs = {"web": run(SLEEP), "workers": run(SLEEP)}
    runner.stop()
    assert [program.returncode for program in runner.programs.values()] == [-signal.SIGTERM] * 2


def test_a_program_that_does_not_end_is_killed(monkeypatch, run):
    monkeypatch.setattr(serve, "STOP_SECONDS", 0.2)
    runner = serve.Runner("127.0.0.1", 8000)
    program = run(STUBBORN)
    program.stdout.readline()
    runner.programs = {"web": program}
    runner.stop()
    assert program.wait() == -signal.SIGKILL


def test_ctrl_c_asks_for_a_stop(keep_signals):
    runner = serve.Runner("127.0.0.1", 8000)
    runner.catch_signals()
    signal.raise_signal(signal.SIGINT)
    assert runner.stopping


def test_the_command_starts_waits_and_stops(db, settings, tmp_path, monkeypatch, keep_signals, listener):
    settings.DATA_DIR = tmp_path
    User.objects.create_user("anna")
    did = []
    monkeypatch.setenv("PORT", str(listener))
    monkeypatch.delenv("HOST", raising=False)
    for name in ("check_port", "collect_static_files"):
        monkeypatch.setattr(serve, name, lambda *args, name=name: did.append(name))
    for name, answer in {"start": None, "wait_until_ready": True, "wait": None, "stop": None}.items():
        monkeypatch.setattr(serve.Runner, name, lambda self, name=name, answer=answer: did.append(name) or answer)
    output = io.StringIO()
    call_command("serve", stdout=output)
    assert did == ["check_port", "collect_static_files", "start", "wait_until_ready", "wait", "stop"]
    assert output.getvalue() == f"Transcribe is ready: http://127.0.0.1:{listener}/\n"


def test_a_start_that_is_broken_off_promises_nothing(db, monkeypatch, keep_signals):
    for name in ("check_port", "collect_static_files"):
        monkeypatch.setattr(serve, name, lambda *args: None)
    for name in ("start", "wait_until_ready", "wait", "stop"):
        monkeypatch.setattr(serve.Runner, name, lambda self: False)
    output = io.StringIO()
    call_command("serve", stdout=output)
    assert output.getvalue() == ""
