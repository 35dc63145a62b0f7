"""The cost of the machinery around the engine on both stacks.

Pick-up, overhead, and the gain of a second worker.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.service.workers_service import STACKS, Service
from benchmarks.speech.sample_reading import find_clip, repeat_sample
from benchmarks.speed.engine_children import Sound, measure, prepare, transcribe, warm_up
from engine import EngineClient, EngineConfig, locate_model

MODEL = "tiny.en"
WORKERS = 2
INTERVAL_SECONDS = 0.01
PICK_UPS, CLIPS, ROUNDS = 60, 12, 2
# What is promised, each as a ratio within one run.
MAX_PICK_UP, MAX_OVERHEAD, MAX_PARALLEL = 1.1, 1.05, 0.6


def main() -> int:
    """Measure one stack or both.

    Both are measured in processes of their own. Returns 1 when a promise is broken.

    Returns 1 when a promise is broken.
    """
    arguments = read_arguments(sys.argv[1:])
    if arguments.stack is None:
        own = [sys.executable, "-m", "benchmarks.service.queue_overhead", *sys.argv[1:]]
        return max(subprocess.run([*own, "--stack", stack], check=False).returncode for stack in STACKS)
    with Service(arguments.stack) as service:
        kept = [
            *measure_pick_up_and_overhead(service, arguments.overhead_minutes),
            measure_parallel(service, arguments.parallel_minutes),
        ]
    return 0 if all(kept) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the `stack` and the minutes of the long measurements.

    The stack is None for both. Two measurements are long.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service.queue_overhead", description=__doc__)
    parser.add_argument("--stack", choices=STACKS)
    parser.add_argument("--overhead-minutes", type=float, default=10.0)
    parser.add_argument("--parallel-minutes", type=float, default=30.0)
    return parser.parse_args(words)


def measure_pick_up_and_overhead(service: Service, minutes: float) -> list[bool]:
    """Measure with two warm workers; return which promises were kept."""
    service.start(WORKERS)
    service.warm_up(find_clip(), WORKERS)
    bare = [time_bare_task(service, number) for number in range(PICK_UPS)]
    own = [time_pick_up(service) for _ in range(PICK_UPS)]
    kept = [
        report_ratio(service, "pick-up, p95", cut_p95(own), cut_p95(bare), cut_p95(own) / cut_p95(bare), MAX_PICK_UP)
    ]
    kept.append(measure_short_clip(service, statistics.median(bare)))
    kept.append(measure_overhead(service, minutes))
    service.stop()
    return kept


def time_bare_task(service: Service, number: int) -> float:
    """Return the seconds until a bare task of django-q2 has run.

    It makes a folder.
    """
    from django_q.tasks import async_task  # noqa: PLC0415 - Django is set up by then

    folder = service.folder / f"made {number}"
    wait_a_little()
    started_at = time.time()
    async_task("os.mkdir", str(folder))
    while not folder.exists():
        time.sleep(INTERVAL_SECONDS)
    return folder.stat().st_mtime - started_at


def time_pick_up(service: Service) -> float:
    """Return the seconds from submission to the first claim."""
    from jobs.models import Step  # noqa: PLC0415

    wait_a_little()
    started_at = time.time()
    job = service.submit(find_clip())
    service.wait_for(job)
    claimed_at = Step.objects.get(job=job, kind="prepare").claimed_at
    return claimed_at.timestamp() - started_at if claimed_at else float("inf")


def wait_a_little() -> None:
    """Wait for a random time.

    So the queue is not asked in step with its polling.
    """
    time.sleep(random.uniform(0.3, 0.6))  # noqa: S311 - no secret


def measure_short_clip(service: Service, bare_pick_up: float) -> bool:
    """Measure ten seconds of speech in the program.

    At most the bare engine plus three bare pick-ups.
    """
    own, bare = [], []
    with tempfile.TemporaryDirectory() as name, make_client(Path(name)) as client:
        warm_up(client, Path(name))
        for _ in range(CLIPS):
            started_at = time.perf_counter()
            preparation = prepare(client, find_clip(), Path(name) / "copy.wav")
            for plan in preparation.chunks:
                transcribe(client, Path(name) / "copy.wav", plan, preparation.language)
            bare.append(time.perf_counter() - started_at)
            own.append(service.time_job(find_clip()))
    allowed = statistics.median(bare) + 3 * bare_pick_up
    taken = statistics.median(own)
    return report_ratio(service, "10 s clip / engine + 3 pick-ups", taken, allowed, taken / allowed, 1.0)


def make_client(folder: Path) -> EngineClient:
    """Return an engine with the model that is measured."""
    return EngineClient(EngineConfig(model=locate_model(MODEL, folder, allow_download=False)))


def measure_overhead(service: Service, minutes: float) -> bool:
    """Measure a long recording in the program and in bare engines.

    There are as many of these, round by round.
    """
    own, bare = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speech = repeat_sample(minutes, folder / "speech.wav")
        model = locate_model(MODEL, folder, allow_download=False)
        for _ in range(ROUNDS):
            bare.append(measure(model, WORKERS, [Sound(speech.file)], folder).seconds)
            own.append(service.time_job(speech.file))
    return report_ratio(service, f"overhead, {minutes:g} min", min(own), min(bare), min(own) / min(bare), MAX_OVERHEAD)


def measure_parallel(service: Service, minutes: float) -> bool:
    """A long recording on two workers, and on one."""
    seconds = {}
    with tempfile.TemporaryDirectory() as name:
        speech = repeat_sample(minutes, Path(name) / "speech.wav")
        for workers in (1, 2):
            service.start(workers)
            service.warm_up(find_clip(), workers)
            seconds[workers] = service.time_job(speech.file)
            service.stop()
    ratio = seconds[2] / seconds[1]
    return report_ratio(service, f"two workers / one, {minutes:g} min", seconds[2], seconds[1], ratio, MAX_PARALLEL)


def cut_p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def report_ratio(service: Service, name: str, own: float, other: float, ratio: float, promised: float) -> bool:
    """Print one line of the table; return whether the promise was kept."""
    mark = "" if ratio <= promised else "  broken"
    print(f"{service.stack:<12}{name:<34}{own:>9.3f} s{other:>9.3f} s{ratio:>7.2f} (<= {promised:g}){mark}", flush=True)
    return ratio <= promised


if __name__ == "__main__":
    sys.exit(main())
