"""The contestants that get the same recordings.

This engine, faster-whisper's own settings, and its command line.
"""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from benchmarks.speech.speech_sets import Recording
from benchmarks.speed.engine_children import Sound, measure, read_peak_bytes
from engine import ModelInfo

CORES = 2
COMMAND = "whisper-ctranslate2"
WATCH_SECONDS = 0.05
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Split:
    """The use of the cores: processes with threads each."""

    processes: int
    threads: int

    def __str__(self) -> str:
        return f"{self.processes} x {self.threads}"


SPLITS = (Split(1, CORES), Split(CORES, 1))
OWN_SPLIT = Split(CORES, 1)


@dataclass(frozen=True, slots=True)
class Run:
    """The time and texts of a run and its peak memory.

    The time is in wall seconds. There is a text for each recording, and the peak of each process in bytes.
    """

    seconds: float
    texts: tuple[str, ...]
    peak_bytes: tuple[int, ...]


def run_engine(model: ModelInfo, folder: Path, recordings: Sequence[Recording], *, with_loading: bool = False) -> Run:
    """Transcribe with this engine in a child for each core.

    Raises:
        EngineError: the engine failed.
    """
    sounds = [Sound(recording.file, recording.language) for recording in recordings]
    done = measure(model, CORES, sounds, folder, with_loading=with_loading)
    return Run(done.seconds, tuple(transcript.text for transcript in done.transcripts), done.peak_bytes)


def run_setting(setting: str, model: ModelInfo, split: Split, recordings: Sequence[Recording]) -> Run:
    """Transcribe with one setting of faster-whisper in processes.

    These share the recordings, the longest first.

    Raises:
        RuntimeError: a process ended.
    """
    with ThreadPoolExecutor(split.processes) as pool:
        workers = [start_worker(setting, split.threads, model) for _ in range(split.processes)]
        try:
            for worker in workers:
                read_answer(worker)
            waiting = queue_up(recordings)
            started_at = time.perf_counter()
            shares = list(pool.map(lambda worker: ask_all(worker, waiting), workers))
            seconds = time.perf_counter() - started_at
        finally:
            for worker in workers:
                end_worker(worker)
    texts = {answer["file"]: str(answer["text"]) for share in shares for answer in share}
    peaks = tuple(max((int(answer["peak_bytes"]) for answer in share), default=0) for share in shares)
    return Run(seconds, tuple(texts[str(recording.file)] for recording in recordings), peaks)


def start_worker(setting: str, threads: int, model: ModelInfo) -> "subprocess.Popen[str]":
    """Start a process that answers as soon as its model is warm."""
    words = [setting, "--model", str(model.path), "--threads", str(threads)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.speed.rival_process", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end_worker(worker: "subprocess.Popen[str]") -> None:
    """Let a worker end by giving it no more."""
    pipe(worker.stdin).close()
    worker.wait()
    pipe(worker.stdout).close()


def pipe(end: IO[str] | None) -> IO[str]:
    """Return an end of a pipe that is known to be there."""
    if end is None:
        raise RuntimeError("the process was started without a pipe")
    return end


def read_answer(worker: "subprocess.Popen[str]") -> dict[str, Any]:
    """Wait for a worker's next line.

    Raises:
        RuntimeError: it has ended.
    """
    line = pipe(worker.stdout).readline()
    if not line:
        raise RuntimeError(f"a process of the comparison ended: {worker.args!r}")
    return dict(json.loads(line))


def ask_all(worker: "subprocess.Popen[str]", waiting: "SimpleQueue[Recording]") -> list[dict[str, Any]]:
    """Give a worker one recording after the other and return its answers."""
    answers: list[dict[str, Any]] = []
    while True:
        try:
            recording = waiting.get_nowait()
        except Empty:
            return answers
        line = json.dumps({"file": str(recording.file), "language": recording.language})
        print(line, file=pipe(worker.stdin), flush=True)
        answers.append(read_answer(worker))


def queue_up(recordings: Sequence[Recording]) -> "SimpleQueue[Recording]":
    """Return a queue of the recordings by falling length."""
    waiting: SimpleQueue[Recording] = SimpleQueue()
    for recording in sorted(recordings, key=lambda recording: -recording.seconds):
        waiting.put(recording)
    return waiting


def find_command() -> str | None:
    """Return the path of the command line or None."""
    return shutil.which(COMMAND, path=str(Path(sys.executable).parent)) or shutil.which(COMMAND)


def run_command(model: ModelInfo, folder: Path, split: Split, recordings: Sequence[Recording]) -> Run:
    """Transcribe English recordings with the command line.

    With its defaults, loading included.

    Raises:
        RuntimeError: it is not there or failed.
    """
    shares = share_out(recordings, split.processes)
    started_at = time.perf_counter()
    with ThreadPoolExecutor(len(shares)) as pool:
        peaks = tuple(pool.map(lambda share: call_command(share, split.threads, model, folder), shares))
    seconds = time.perf_counter() - started_at
    texts = [json.loads((folder / f"{recording.file.stem}.json").read_text()) for recording in recordings]
    return Run(seconds, tuple(str(text["text"]) for text in texts), peaks)


def share_out(recordings: Sequence[Recording], number: int) -> list[list[Recording]]:
    """Return shares of about the same length.

    The longest recordings come first, each to the share with least.
    """
    shares: list[list[Recording]] = [[] for _ in range(number)]
    for recording in sorted(recordings, key=lambda recording: -recording.seconds):
        min(shares, key=lambda share: sum(given.seconds for given in share)).append(recording)
    return [share for share in shares if share]


def call_command(recordings: Sequence[Recording], threads: int, model: ModelInfo, folder: Path) -> int:
    """Call the command once for several files.

    Returns its peak memory in bytes.

    Raises:
        RuntimeError: it is not installed, or failed.
    """
    command = find_command()
    if command is None:
        raise RuntimeError(f"{COMMAND} is not installed")
    words = ["--model_directory", str(model.path), "--language", "en", "--word_timestamps", "True", "--device", "cpu"]
    words += ["--threads", str(threads), "--output_format", "json", "--output_dir", str(folder)]
    files = [str(recording.file) for recording in recordings]
    with (folder / f"{recordings[0].file.stem}.log").open("w+b") as log:
        process = subprocess.Popen([command, *files, *words], stdout=log, stderr=subprocess.STDOUT)
        with watch_peak(process.pid) as peak:
            status = process.wait()
        if status != 0:
            log.seek(0)
            raise RuntimeError(f"{COMMAND} failed: {log.read().decode(errors='replace')[-2000:]}")
    return max(peak)


@contextmanager
def watch_peak(pid: int) -> Iterator[list[int]]:
    """Collect the peak memory of a running process in bytes."""
    found, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            found[0] = max(found[0], read_peak_bytes(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()
