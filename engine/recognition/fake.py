"""An engine for tests without a model.

It runs in the same child process, with faults on demand.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from math import ceil
from zlib import crc32

import numpy as np

from engine.errors import UnreadableMedia
from engine.media.wav import SAMPLE_RATE, Samples
from engine.recognition.recogniser import Recognition
from engine.speech.chunking import FRAME, Probabilities
from engine.speech.timeline import SpeechWindow
from engine.types import EngineConfig, RawSegment, Report, Span, Word

LANGUAGES = ("en", "de", "fr")
VOCABULARY = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
# A frame whose loudest sample is below this is silence to the fake detector. A tone is speech.
LOUDNESS = 500
PREPARING = -1


def crash() -> None:
    """End as a fault in native code ends a process."""
    os.kill(os.getpid(), signal.SIGSEGV)


def hang() -> None:
    """Stop doing anything for ever."""
    while True:
        time.sleep(3600)


def run_out_of_memory() -> None:
    """End a request as a refused allocation does."""
    raise MemoryError("the fake engine was asked to run out of memory")


def fail() -> None:
    """End a request with an engine error that no retry mends."""
    raise UnreadableMedia("the fake engine was asked to fail")


def stop() -> None:
    """End as a bug in Python code ends a process."""
    raise RuntimeError("the fake engine was asked to stop")


FAULTS = {"crash": crash, "hang": hang, "memory": run_out_of_memory, "fail": fail, "stop": stop}
# Bytes that trigger the fault when they lie in the speech of a chunk; an even number, so that they are samples.
MARKERS = {name: f"<fault:{name}>".ljust(16, ".").encode() for name in FAULTS}


class LoudnessDetector:
    """Takes everything that is not silent for speech."""

    def __init__(self, delay_per_second: float = 0.0) -> None:
        self._delay = delay_per_second
        self._rest = np.zeros(0, np.int16)
        self._probabilities: list[Probabilities] = [np.zeros(0, np.float32)]

    def add(self, samples: Samples) -> None:
        time.sleep(self._delay * len(samples) / SAMPLE_RATE)
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        loudest = np.abs(joined[:whole].astype(np.int32)).reshape(-1, FRAME).max(axis=1)
        self._probabilities.append((loudest >= LOUDNESS).astype(np.float32))

    def finish(self) -> Probabilities:
        self.add(np.zeros(-len(self._rest) % FRAME, np.int16))
        return np.concatenate(self._probabilities)


class FakeRecogniser:
    """Writes one word for each whole second that has sound.

    The word names the second, so that a text shows at once what is missing or doubled.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._behaviour = config.fake
        self._faults = dict(config.fake.faults)

    @property
    def languages(self) -> tuple[str, ...]:
        return LANGUAGES

    def build_detector(self) -> LoudnessDetector:
        self._act(PREPARING)
        return LoudnessDetector(self._behaviour.preparing_delay_per_second)

    def detect_language(self, samples: Sequence[Samples]) -> tuple[str, float]:
        return LANGUAGES[0], 0.9 if samples else 0.0

    def recognise(self, windows: Sequence[SpeechWindow], language: str | None, report: Report) -> Iterator[Recognition]:
        del language
        done = 0.0
        for index, window in enumerate(windows):
            segments = []
            for segment in self._speak_window(window):
                segments.append(segment)
                report(done + segment.end)
            done += window.seconds
            yield Recognition(index, tuple(segments))

    def _speak_window(self, window: SpeechWindow) -> Iterator[RawSegment]:
        for name, marker in MARKERS.items():
            if marker in window.samples.tobytes():
                FAULTS[name]()
        position = 0.0
        for piece in window.pieces:
            yield from self._speak(window, piece, position)
            position += piece.seconds

    def _act(self, second: int) -> None:
        if second in self._faults:
            FAULTS[self._faults[second]]()

    def _speak(self, window: SpeechWindow, piece: Span, position: float) -> Iterator[RawSegment]:
        for second in range(ceil(piece.start), ceil(piece.end)):
            self._act(second)
            time.sleep(self._behaviour.delay_per_second)
            start = position + second - piece.start
            end = min(start + 1, position + piece.seconds)
            first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
            text = f" {VOCABULARY[crc32(window.samples[first:last].tobytes()) % len(VOCABULARY)]}{second}"
            yield RawSegment(start, end, text, (Word(start, end, text, 0.9),), -0.1, 0.0, 1.0)
