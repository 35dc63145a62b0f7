"""faster-whisper's usual calls in a process of their own.

So its memory is only its own.

Reads one file after the other as JSON lines with `file` and `language`, and answers each with a JSON line.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel

from benchmarks.speech.sample_reading import find_clip
from benchmarks.speed.engine_children import read_peak_bytes

BATCH_SIZE = 8
Transcribe = Callable[[str, str | None], Iterable[Any]]


def main() -> None:
    """Load and try the model and then serve.

    It announces that it is ready, and serves until there is no more input.
    """
    arguments = read_arguments()
    model = WhisperModel(
        str(arguments.model), device="cpu", compute_type="int8", cpu_threads=arguments.threads, local_files_only=True
    )
    transcribe = SETTINGS[arguments.setting](model)
    answer(transcribe, str(find_clip()), "en")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answer(transcribe, asked["file"], asked["language"])), flush=True)


def read_arguments() -> argparse.Namespace:
    """Return the setting with the folder of the model.

    Also the number of `threads`.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.rival_process", description=__doc__)
    parser.add_argument("setting", choices=SETTINGS)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def answer(transcribe: Transcribe, file: str, language: str | None) -> dict[str, Any]:
    """Return the measured text of one file.

    With seconds, words and the peak memory in bytes over the whole run so far.
    """
    started_at = time.perf_counter()
    segments = list(transcribe(file, language))
    return {
        "file": file,
        "seconds": time.perf_counter() - started_at,
        "text": " ".join(segment.text.strip() for segment in segments),
        "words": sum(len(segment.words or ()) for segment in segments),
        "peak_bytes": read_peak_bytes(os.getpid()),
    }


def set_beam(size: int) -> Callable[[WhisperModel], Transcribe]:
    """Return the plain call with a beam of `size`.

    Voice detection is on.
    """

    def build(model: WhisperModel) -> Transcribe:
        def transcribe(file: str, language: str | None) -> Iterable[Any]:
            segments, _ = model.transcribe(
                file, language=language, beam_size=size, vad_filter=True, word_timestamps=True
            )
            return segments  # type: ignore[no-any-return]  # ships no types

        return transcribe

    return build


def set_batches(model: WhisperModel) -> Transcribe:
    """Return the call that decodes several stretches of speech at once."""
    pipeline = BatchedInferencePipeline(model)

    def transcribe(file: str, language: str | None) -> Iterable[Any]:
        segments, _ = pipeline.transcribe(file, language=language, batch_size=BATCH_SIZE, word_timestamps=True)
        return segments  # type: ignore[no-any-return]  # ships no types

    return transcribe


SETTINGS: dict[str, Callable[[WhisperModel], Transcribe]] = {
    "beam-1": set_beam(1),
    "beam-5": set_beam(5),
    "batches": set_batches,
}

if __name__ == "__main__":
    main()
