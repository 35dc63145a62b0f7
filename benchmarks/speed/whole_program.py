"""The speed of the whole program.

Long files through two workers, from upload to finished jobs.
"""

import time
from pathlib import Path

from benchmarks.service.workers_service import Service
from benchmarks.speech.sample_reading import find_clip
from benchmarks.speech.speech_sets import Recording, build_long_recordings

WORKERS = 2


def measure_program(model: str, files: int, minutes: float, folder: Path) -> None:
    """Print the real-time factor of `files` of `minutes` each.

    None of their speech repeats.
    """
    recordings = build_long_recordings(folder, files, minutes)
    audio = sum(recording.seconds for recording in recordings)
    with Service("sqlite", model) as service:
        service.start(WORKERS)
        service.warm_up(find_clip(), WORKERS)
        seconds = time_jobs(service, recordings)
    print(
        f"{model}: {len(recordings)} files, {audio / 60:.1f} minutes in {seconds:.1f} s through the program on "
        f"{WORKERS} workers: {audio / seconds:.1f}x",
        flush=True,
    )


def time_jobs(service: Service, recordings: list[Recording]) -> float:
    """Return the seconds from the first upload to the last completion.

    Raises:
        RuntimeError: a job did not complete.
    """
    started_at = time.time()
    jobs = [service.submit(recording.file) for recording in recordings]
    ended_at = started_at
    for job in jobs:
        service.wait_for(job)
        if job.finished_at is not None:
            ended_at = max(ended_at, job.finished_at.timestamp())
    return ended_at - started_at
