"""The child process as its owner sees it."""

import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path

from engine.codec import to_dict
from engine.errors import EngineCrashed, EngineError, EngineOutOfMemory, EngineTimeout
from engine.messages import MAX_ANSWER_BYTES, Answer, ProtocolError, decode_answer
from engine.types import EngineConfig

COMMAND = [sys.executable, "-m", "engine.pipe.child"]
READ_BYTES = 64 * 1024
STDERR_TAIL_BYTES = 4096
# What allocators and libraries print when they are refused memory.
MEMORY_WORDS = (b"bad_alloc", b"bad allocation", b"MemoryError", b"Cannot allocate memory", b"failed to allocate")


class ChildGone(Exception):
    """The child has closed its end of the pipe."""


class ChildProcess:
    """One running `python -m engine.pipe.child`.

    It is started in a session of its own, so that a Ctrl-C meant for the worker reaches the
    child as the end of its stdin and not as a signal in the middle of native code.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._buffer = bytearray()
        self._stderr = bytearray()
        self._process = subprocess.Popen(
            [*COMMAND, json.dumps(to_dict(config))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
            env=build_environment(config.threads),
            close_fds=True,
            start_new_session=True,
            bufsize=0,
        )
        process = self._process
        self._pipes = [pipe for pipe in (process.stdin, process.stdout, process.stderr) if pipe]
        self._stdin, self._stdout, self._errors = (pipe.fileno() for pipe in self._pipes)
        os.set_blocking(self._stdout, False)
        os.set_blocking(self._errors, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stderr_tail(self) -> str:
        return self._stderr.decode(errors="replace").strip()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, line: bytes) -> None:
        """Send one request.

        Raises:
            ChildGone: the child has closed the pipe.
        """
        try:
            os.write(self._stdin, line)
        except BrokenPipeError as error:
            raise ChildGone from error

    def receive(self, wait: float) -> list[Answer]:
        """Return the answers that arrive within `wait` seconds.

        Returns at once when there are some.

        Raises:
            ChildGone: no more can come.
            ProtocolError: the child sent no message.
        """
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._stdout, self._errors):
                selector.register(descriptor, selectors.EVENT_READ)
            ready = {key.fd for key, _ in selector.select(wait)}
        if self._errors in ready:
            self._read_stderr()
        return self._read_answers() if self._stdout in ready else []

    def _read_answers(self) -> list[Answer]:
        data = os.read(self._stdout, READ_BYTES)
        if not data:
            raise ChildGone
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n") if b"\n" in data else [self._buffer]
        if len(rest) > MAX_ANSWER_BYTES:
            raise ProtocolError("an answer has no end")
        self._buffer = bytearray(rest)
        return [decode_answer(bytes(line)) for line in lines]

    def _read_stderr(self) -> None:
        self._stderr += os.read(self._errors, READ_BYTES)
        del self._stderr[:-STDERR_TAIL_BYTES]

    def explain_end(self) -> EngineError:
        """End the child and return the error that fits its end."""
        ended = self._wait_briefly()
        self.kill()
        detail = f"child ended with {ended}: {self.stderr_tail}"
        if any(word in self._stderr for word in MEMORY_WORDS):
            return EngineOutOfMemory(detail)
        return EngineTimeout(detail) if ended == -signal.SIGXCPU else EngineCrashed(detail)

    def _wait_briefly(self) -> int | None:
        try:
            code: int | None = self._process.wait(1)
        except subprocess.TimeoutExpired:
            code = None
        self._drain_stderr()
        return code

    def _drain_stderr(self) -> None:
        try:
            self._read_stderr()
        except BlockingIOError:
            return

    def kill(self) -> None:
        """End the child at once and close its pipes.

        Harmless when it has ended already.
        """
        self._process.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Close this process's copies of the pipes.

        The child stays with the processes that hold the others.
        """
        for pipe in self._pipes:
            pipe.close()
        if self._process.returncode is None:
            self._process.returncode = 0


def build_environment(threads: int) -> dict[str, str]:
    """Return the only environment variables of a child.

    No secret of the worker reaches hostile media.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": str(threads)}
