"""A clip of ten seconds through a warm child process.

It is compared with the bare call of the recogniser in this process.
"""

import statistics
import time
from pathlib import Path

from benchmarks.speech.sample_reading import find_clip
from benchmarks.speech.waveforms import FULL_SCALE, RATE, read_sound
from benchmarks.speed.engine_children import ignore, prepare, transcribe, warm_up
from benchmarks.speed.promises import report
from engine import EngineClient, EngineConfig, ModelInfo, Span
from engine.recognition.whisper import WhisperRecogniser
from engine.speech.timeline import SpeechWindow

CLIPS = 15
MOST = 1.2


def measure_clip(model: ModelInfo, folder: Path) -> bool:
    """Time both ways in turn.

    Returns whether the child's median is at most 1.2 times the other.

    Raises:
        EngineError: the engine failed.
    """
    config = EngineConfig(model=model)
    recogniser = WhisperRecogniser(config)
    own, bare = [], []
    with EngineClient(config) as client:
        warm_up(client, folder)
        time_bare(recogniser)
        for _ in range(CLIPS):
            own.append(time_child(client, folder))
            bare.append(time_bare(recogniser))
    taken, allowed = statistics.median(own), statistics.median(bare)
    ratio = taken / allowed
    line = f"{model.name}: {taken:.3f} s through a child, {allowed:.3f} s without, {ratio:.2f} times (<= {MOST:g})"
    return report(line, kept=ratio <= MOST)


def time_child(client: EngineClient, folder: Path) -> float:
    """Return the seconds of a clip from file to text.

    Raises:
        EngineError: the engine failed.
    """
    started_at = time.perf_counter()
    preparation = prepare(client, find_clip(), folder / "clip.wav", "en")
    for plan in preparation.chunks:
        transcribe(client, folder / "clip.wav", plan, preparation.language)
    return time.perf_counter() - started_at


def time_bare(recogniser: WhisperRecogniser) -> float:
    """Return the seconds to decode and recognise a whole clip."""
    started_at = time.perf_counter()
    samples = (read_sound(find_clip()) * FULL_SCALE).round().astype("int16")
    window = SpeechWindow(samples, (Span(0.0, len(samples) / RATE),))
    list(recogniser.recognise([window], "en", ignore))
    return time.perf_counter() - started_at
