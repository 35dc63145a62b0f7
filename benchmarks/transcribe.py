"""How fast, how right and how large the engine is, for each model that is on this machine."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer  # type: ignore[import-untyped]  # ships no types

from benchmarks.speech import Speech, repeat_sample
from engine import (
    ChunkPlan,
    ChunkTranscript,
    EngineClient,
    EngineConfig,
    ModelInfo,
    ModelMissing,
    Preparation,
    join_chunks,
    locate_model,
)

MODELS = ("tiny.en", "base")
CHILDREN = (1, 2)
TIMEOUT_SECONDS = 3600.0
MEBIBYTE = 1024 * 1024
HEADER = f"{'model':<9}{'children':>9}{'prepare':>10}{'chunks':>10}{'all':>9}{'WER':>8}{'peak MiB a child':>18}"
normalize: Callable[[str], str] = EnglishTextNormalizer()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run: wall time of both steps, the text, and the largest child's peak memory in bytes (0: unknown)."""

    model: str
    children: int
    prepare_seconds: float
    chunk_seconds: float
    text: str
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """Wall time of the whole run."""
        return self.prepare_seconds + self.chunk_seconds


def main() -> None:
    """Measure what was asked for and print a table."""
    arguments = read_arguments(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="transcribe-bench-") as name:
        folder = Path(name)
        speech = repeat_sample(arguments.minutes, folder / "speech.wav")
        print_conditions(speech)
        for model in arguments.models:
            print_model(model, speech, folder)


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return `minutes` (at least so much audio) and `models`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcribe", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="at least so much audio (default: 10)")
    parser.add_argument("--models", nargs="+", default=list(MODELS), help="names or folders (default: tiny.en base)")
    return parser.parse_args(words)


def print_conditions(speech: Speech) -> None:
    """Say what is measured, and how far the figures can be trusted."""
    print(
        f"{speech.seconds / 60:.1f} minutes of English: one reading of {speech.seconds / speech.repeats:.0f} s, "
        f"{speech.repeats} times over.\n"
        "The audio repeats, so the word error rate rests on a small sample: compare it between models, no further.\n"
        "Speeds are real-time factors (seconds of audio per second of waiting), in children of one thread each.\n"
        "Preparing is one step in one child; starting the children and loading the model are not counted.\n\n"
        f"{HEADER}",
        flush=True,
    )


def print_model(name: str, speech: Speech, folder: Path) -> None:
    """Print a line for each number of children, or why there is none."""
    try:
        model = locate_model(name, folder, allow_hub=False)
    except ModelMissing as error:
        print(f"{name:<9} is not on this machine: {error.detail}")
        return
    for children in CHILDREN:
        print(format_line(measure(model, children, speech, folder), speech), flush=True)


def measure(model: ModelInfo, children: int, speech: Speech, folder: Path) -> Measurement:
    """Prepare `speech` in one child, then transcribe its chunks in `children` of them. Raises EngineError."""
    working_copy = folder / "working-copy.wav"
    with ExitStack() as stack:
        clients = [stack.enter_context(EngineClient(EngineConfig(model=model))) for _ in range(children)]
        for client in clients:
            warm_up(client, folder)
        started = time.perf_counter()
        preparation = prepare(clients[0], speech.file, working_copy)
        prepared = time.perf_counter()
        chunks = transcribe_chunks(clients, working_copy, preparation)
        ended = time.perf_counter()
        peak = max(read_peak_bytes(client.child_pid) for client in clients)
    text = join_chunks(chunks, preparation.seconds, preparation.language).text
    return Measurement(model.name, children, prepared - started, ended - prepared, text, peak)


def warm_up(client: EngineClient, folder: Path) -> None:
    """Have the child load voice detection and model. Raises EngineError."""
    sample = repeat_sample(0, folder / "warm-up.wav")
    working_copy = folder / "warm-up-copy.wav"
    preparation = prepare(client, sample.file, working_copy)
    transcribe(client, working_copy, preparation.chunks[0], preparation.language)


def prepare(client: EngineClient, source: Path, working_copy: Path) -> Preparation:
    """Decode and plan. Raises EngineError."""
    return client.prepare(
        source, working_copy, language=None, max_seconds=24 * 3600.0, timeout=TIMEOUT_SECONDS, on_tick=ignore
    )


def transcribe(client: EngineClient, working_copy: Path, plan: ChunkPlan, language: str | None) -> ChunkTranscript:
    """Transcribe one chunk. Raises EngineError."""
    return client.transcribe(working_copy, plan, language=language, timeout=TIMEOUT_SECONDS, on_tick=ignore)


def ignore(_seconds: float) -> None:
    """Let the progress of a request pass."""


def transcribe_chunks(
    clients: Sequence[EngineClient], working_copy: Path, preparation: Preparation
) -> list[ChunkTranscript]:
    """Transcribe all chunks; each client takes the next one as soon as it is free. Raises EngineError."""
    waiting: SimpleQueue[ChunkPlan] = SimpleQueue()
    for plan in preparation.chunks:
        waiting.put(plan)

    def work(client: EngineClient) -> list[ChunkTranscript]:
        return [transcribe(client, working_copy, plan, preparation.language) for plan in drain(waiting)]

    with ThreadPoolExecutor(len(clients)) as pool:
        return [chunk for done in pool.map(work, clients) for chunk in done]


def drain(waiting: "SimpleQueue[ChunkPlan]") -> Iterator[ChunkPlan]:
    """Yield what waits until nothing does."""
    while True:
        try:
            yield waiting.get_nowait()
        except Empty:
            return


def read_peak_bytes(pid: int | None) -> int:
    """Return the largest resident memory that a process has had, 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def format_line(run: Measurement, speech: Speech) -> str:
    """Return one line of the table."""
    rates = (speech.seconds / took for took in (run.prepare_seconds, run.chunk_seconds, run.seconds))
    prepared, transcribed, everything = (f"{rate:.1f}x" for rate in rates)
    errors = jiwer.wer(normalize(speech.text), normalize(run.text))
    peak = f"{run.peak_bytes / MEBIBYTE:.0f}" if run.peak_bytes else "unknown"
    return f"{run.model:<9}{run.children:>9}{prepared:>10}{transcribed:>10}{everything:>9}{errors:>8.1%}{peak:>18}"


if __name__ == "__main__":
    main()
