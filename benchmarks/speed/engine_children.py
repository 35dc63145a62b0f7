"""The engine's child processes on several recordings at once.

The program's workers would do the same.
"""

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition

from benchmarks.speech.sample_reading import Speech, repeat_sample
from engine import (
    ChunkPlan,
    ChunkTranscript,
    EngineClient,
    EngineConfig,
    ModelInfo,
    Preparation,
    Transcript,
    join_chunks,
)

TIMEOUT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to transcribe and its language if that is known.

    Without it, the engine detects it.
    """

    file: Path
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """The time and transcripts of one run and its peak memory.

    The time is in wall seconds. There is a transcript for each file, and the peak of each child in bytes (0: unknown).
    """

    seconds: float
    transcripts: tuple[Transcript, ...]
    peak_bytes: tuple[int, ...]


@dataclass(slots=True)
class Work:
    """The state of one file with its working copy."""

    sound: Sound
    copy: Path
    preparation: Preparation | None = None
    chunks: list[ChunkTranscript] = field(default_factory=list)


class Queue:
    """Hands out chunks of prepared files or else files to prepare.

    It waits for the last.
    """

    def __init__(self, works: Sequence[Work]) -> None:
        self._files = deque(works)
        self._chunks: deque[tuple[Work, ChunkPlan]] = deque()
        self._preparing = 0
        self._changed = Condition()

    def take(self) -> tuple[Work, ChunkPlan | None] | None:
        """Return a chunk or a file to prepare or None.

        A file comes without a chunk. With None all is done or being done.
        """
        with self._changed:
            while not self._chunks and not self._files and self._preparing:
                self._changed.wait()
            if self._chunks:
                return self._chunks.popleft()
            if not self._files:
                return None
            self._preparing += 1
            return self._files.popleft(), None

    def finish_preparing(self, work: Work) -> None:
        """Put the chunks of a prepared file up."""
        with self._changed:
            self._preparing -= 1
            if work.preparation is not None:
                self._chunks.extend((work, plan) for plan in work.preparation.chunks)
            self._changed.notify_all()


def measure(
    model: ModelInfo, children: int, sounds: Sequence[Sound], folder: Path, *, with_loading: bool = False
) -> Measurement:
    """Transcribe all files in `children` processes.

    They are warm unless their loading counts too.

    Raises:
        EngineError: the engine failed.
    """
    with ExitStack() as stack:
        clients = [stack.enter_context(EngineClient(EngineConfig(model=model))) for _ in range(children)]
        if not with_loading:
            for client in clients:
                warm_up(client, folder)
        started_at = time.perf_counter()
        transcripts = transcribe_all(clients, sounds, folder)
        seconds = time.perf_counter() - started_at
        peaks = tuple(read_peak_bytes(client.child_pid) for client in clients)
    return Measurement(seconds, tuple(transcripts), peaks)


def transcribe_all(clients: Sequence[EngineClient], sounds: Sequence[Sound], folder: Path) -> list[Transcript]:
    """Transcribe files with several clients.

    Each takes the next chunk or file as soon as it is free.

    Raises:
        EngineError: the engine failed.
    """
    works = [Work(sound, folder / f"copy-{number}.wav") for number, sound in enumerate(sounds)]
    queue = Queue(works)
    with ThreadPoolExecutor(len(clients)) as pool:
        for done in [pool.submit(serve, client, queue) for client in clients]:
            done.result()
    return [join(work) for work in works]


def serve(client: EngineClient, queue: Queue) -> None:
    """Work until there is nothing left.

    Raises:
        EngineError: the engine failed.
    """
    while (task := queue.take()) is not None:
        work, plan = task
        if plan is None:
            try:
                work.preparation = prepare(client, work.sound.file, work.copy, work.sound.language)
            finally:
                queue.finish_preparing(work)
        else:
            language = work.preparation.language if work.preparation else None
            work.chunks.append(transcribe(client, work.copy, plan, language))


def join(work: Work) -> Transcript:
    """Return the transcript of a file that is done."""
    work.copy.unlink(missing_ok=True)
    found = work.preparation
    if found is None:
        raise RuntimeError(f"{work.sound.file} was not prepared")
    return join_chunks(
        work.chunks,
        found.seconds,
        found.language,
        found.language_probability,
        speech_seconds=sum(span.seconds for plan in found.chunks for span in plan.speech),
        gaps=found.gaps,
        flags=found.flags,
    )


def warm_up(client: EngineClient, folder: Path) -> None:
    """Have the child load voice detection and model.

    Raises:
        EngineError: the engine failed.
    """
    sample: Speech = repeat_sample(0, folder / "warm-up.wav")
    copy = folder / "warm-up-copy.wav"
    preparation = prepare(client, sample.file, copy)
    transcribe(client, copy, preparation.chunks[0], preparation.language)


def prepare(client: EngineClient, source: Path, copy: Path, language: str | None = None) -> Preparation:
    """Decode and plan.

    Raises:
        EngineError: the engine failed.
    """
    return client.prepare(
        source, copy, language=language, max_seconds=24 * 3600.0, timeout=TIMEOUT_SECONDS, on_tick=ignore
    )


def transcribe(client: EngineClient, copy: Path, plan: ChunkPlan, language: str | None) -> ChunkTranscript:
    """Transcribe one chunk.

    Raises:
        EngineError: the engine failed.
    """
    return client.transcribe(copy, plan, language=language, timeout=TIMEOUT_SECONDS, on_tick=ignore)


def ignore(_seconds: float) -> None:
    """Ignore the progress of a request."""


def read_peak_bytes(pid: int | None) -> int:
    """Return the largest resident memory of a process in bytes.

    0 where the system does not say.
    """
    status = Path(f"/proc/{pid}/status")
    try:
        lines = status.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
