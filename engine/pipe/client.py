"""The worker's side of the pipe.

It asks the child, ticks while waiting, and replaces a child that fails.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.codec import from_dict
from engine.errors import EngineError, EngineOutOfMemory, EngineTimeout, ModelMissing, build_error
from engine.messages import (
    Failure,
    JoinRequest,
    PrepareRequest,
    Progress,
    ProtocolError,
    Request,
    Result,
    TranscribeRequest,
    encode,
)
from engine.pipe.process import ChildGone, ChildProcess
from engine.types import ChunkPlan, ChunkTranscript, EngineConfig, JoinedFile, Preparation

Tick = Callable[[float], None]
TICK_SECONDS = 0.25


class EngineClient:
    """Owns one warm child process for one request at a time.

    No threads, and nothing shared with a parent: in a forked copy of the worker the first
    request starts a child of its own.
    """

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._child: ChildProcess | None = None
        self._owner = os.getpid()
        self._last_used = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process id of the running child or None."""
        return self._child.pid if self._child else None

    def prepare(
        self,
        source: Path,
        working_copy: Path,
        *,
        language: str | None,
        max_seconds: float,
        timeout: float,
        on_tick: Tick,
    ) -> Preparation:
        """Decode `source` into `working_copy` and plan its chunks.

        The working copy is a 16 kHz mono 16-bit WAV. `on_tick` is called at least twice a second with the seconds of
        audio done; an exception from it ends the child and passes on.

        Raises:
            EngineError: the recording could not be prepared.
        """
        request = PrepareRequest(source.resolve(), working_copy.resolve(), language, max_seconds, timeout)
        return from_dict(Preparation, self._ask(request, on_tick))

    def join(self, parts: Sequence[Path], target: Path, *, timeout: float, on_tick: Tick) -> JoinedFile:
        """Join the parts of a recording into a seekable file.

        The file is `target`. Ticks are as in `prepare`.

        Raises:
            EngineError: no part has sound, or the child failed.
        """
        request = JoinRequest(tuple(part.resolve() for part in parts), target.resolve(), timeout)
        return from_dict(JoinedFile, self._ask(request, on_tick))

    def transcribe(
        self, working_copy: Path, chunk: ChunkPlan, *, language: str | None, timeout: float, on_tick: Tick
    ) -> ChunkTranscript:
        """Transcribe one chunk of a working copy.

        Ticks and errors are as in `prepare`.
        """
        request = TranscribeRequest(working_copy.resolve(), chunk, language, timeout)
        return from_dict(ChunkTranscript, self._ask(request, on_tick))

    def close(self) -> None:
        """End the child; the next request would start another."""
        child, self._child = self._child, None
        if child is None:
            return
        if self._owner == os.getpid():
            child.kill()
        else:
            child.forget()

    def _ask(self, request: Request, on_tick: Tick) -> dict[str, Any]:
        if self.config.engine == "whisper" and self.config.model is None:
            raise ModelMissing
        child = self._ensure_child()
        try:
            answer = self._converse(child, request, on_tick)
        except (ChildGone, ProtocolError) as gone:
            self._child = None
            raise child.explain_end() from gone
        except BaseException:
            self.close()
            raise
        self._last_used = time.monotonic()
        if isinstance(answer, Failure):
            raise self._accept_failure(answer)
        return answer.value

    def _ensure_child(self) -> ChildProcess:
        idle = time.monotonic() - self._last_used
        if (
            self._owner != os.getpid()
            or idle > self.config.idle_seconds
            or not (self._child and self._child.is_alive())
        ):
            self.close()
        self._owner = os.getpid()
        if self._child is None:
            self._child = ChildProcess(self.config)
        return self._child

    def _converse(self, child: ChildProcess, request: Request, on_tick: Tick) -> Result | Failure:
        child.send(encode(request))
        deadline = time.monotonic() + request.timeout
        done, next_tick = 0.0, 0.0
        while True:
            for answer in child.receive(TICK_SECONDS):
                if not isinstance(answer, Progress):
                    return answer
                done = answer.seconds
            now = time.monotonic()
            if now >= next_tick:
                next_tick = now + TICK_SECONDS
                on_tick(done)
            if now >= deadline:
                raise EngineTimeout(f"no result after {request.timeout:.0f} s: {child.stderr_tail}")

    def _accept_failure(self, failure: Failure) -> EngineError:
        error = build_error(failure.code, failure.detail)
        if isinstance(error, EngineOutOfMemory):
            # A process that was refused memory is in an unknown state.
            self.close()
        return error
