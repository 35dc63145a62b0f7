"""The Whisper engine on the processor.

CTranslate2, with parts of faster-whisper around it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import ctranslate2
import faster_whisper
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from engine.errors import ModelMissing
from engine.media.wav import SAMPLE_RATE
from engine.recognition.decoding import FRAMES_PER_SECOND, PADDING_SECONDS, Decoder
from engine.recognition.recogniser import Recognition
from engine.speech.voice_detector import FULL_SCALE, SileroDetector
from engine.types import EngineConfig, ModelInfo, Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.media.wav import Samples
    from engine.speech.timeline import SpeechWindow

# Another minor version is refused: the alignment and the suppressed tokens are no promised interface of faster-whisper.
KNOWN_VERSION = "1.2"
# The number of windows that share a decoder. Each of its steps reads all weights, for one window or for eight.
WINDOWS_AT_ONCE = 8


class WhisperRecogniser:
    """Loads the model at the first request that needs it.

    It never asks Hugging Face. Nothing is drawn by chance, so the same sound has the same text at every try.
    """

    def __init__(self, config: EngineConfig) -> None:
        if config.model is None:
            raise ModelMissing
        self._config = config
        self._info: ModelInfo = config.model

    @property
    def languages(self) -> tuple[str, ...]:
        return self._info.languages

    def build_detector(self) -> SileroDetector:
        return SileroDetector()

    def detect_language(self, samples: Sequence["Samples"]) -> tuple[str, float]:
        decoder = Decoder(self._model, self._build_tokenizer(None), beam_size=1)
        votes: Counter[str] = Counter()
        for part in samples:
            frames = int((len(part) / SAMPLE_RATE + PADDING_SECONDS) * FRAMES_PER_SECOND) // 2 * 2
            storage = ctranslate2.StorageView.from_array(decoder.encode(to_floats(part), frames))
            for token, probability in self._model.model.detect_language(storage)[0]:
                votes[token[2:-2]] += probability / len(samples)
        language, probability = votes.most_common(1)[0]
        return language, probability

    def recognise(
        self, windows: Sequence["SpeechWindow"], language: str | None, report: Report
    ) -> Iterator[Recognition]:
        decoder = Decoder(self._model, self._build_tokenizer(language), self._config.beam_size)
        done = 0.0

        def count(seconds: float) -> None:
            nonlocal done
            done += seconds
            report(done)

        for first in range(0, len(windows), WINDOWS_AT_ONCE):
            batch = windows[first : first + WINDOWS_AT_ONCE]
            readings = decoder.read([to_floats(window.samples) for window in batch], count)
            count(sum(window.seconds / 2 for window in batch))
            for index, reading in enumerate(readings, first):
                yield Recognition(index, reading.segments)

    def _build_tokenizer(self, language: str | None) -> Tokenizer:
        is_multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, is_multilingual, task="transcribe", language=language or "en")

    @cached_property
    def _model(self) -> WhisperModel:
        if not (self._info.path / "model.bin").is_file():
            raise ModelMissing(f"no model.bin in {self._info.path}")
        check_version()
        return WhisperModel(
            str(self._info.path),
            device="cpu",
            compute_type=self._config.compute_type,
            cpu_threads=self._config.threads,
            local_files_only=True,
        )


def check_version() -> None:
    """Refuse a faster-whisper whose inner parts were not checked.

    Raises:
        RuntimeError: it is another minor version than KNOWN_VERSION.
    """
    if faster_whisper.__version__.split(".")[:2] != KNOWN_VERSION.split("."):
        raise RuntimeError(f"faster-whisper {faster_whisper.__version__} is not known; install requirements.txt")


def to_floats(samples: "Samples") -> "NDArray[np.float32]":
    """Return samples from -1 to 1, as the model wants them."""
    return samples.astype(np.float32) / FULL_SCALE
