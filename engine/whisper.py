"""The Whisper engine: faster-whisper on CTranslate2, on the processor."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from ctranslate2 import set_random_seed
from faster_whisper import WhisperModel

from engine.errors import ModelMissing
from engine.recogniser import RawSegment
from engine.speech import FULL_SCALE, SileroDetector
from engine.types import EngineConfig, ModelInfo, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.timeline import SpeechWindow
    from engine.wav import Samples

SEED = 0
# The steps, and what calls for the next one, are those of Whisper itself (openai/whisper, transcribe.py).
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MAX_COMPRESSION_RATIO = 2.4
MIN_AVERAGE_LOG_PROBABILITY = -1.0


class WhisperRecogniser:
    """Loads the model at the first request that needs it; never asks a model hub."""

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

    def detect_language(self, samples: "Samples") -> tuple[str, float]:
        language, probability, _ = self._model.detect_language(to_floats(samples))
        return language, float(probability)

    def recognise(self, window: "SpeechWindow", language: str | None) -> Iterator[RawSegment]:
        segments = self._decode(window, language, temperatures=(0.0,))
        if any(is_doubtful(segment) for segment in segments):
            # Guesses are drawn by chance, from numbers that begin anew with each model: so the same sound gives the
            # same text at every try, whatever was heard before.
            self.__dict__.pop("_model")
            segments = self._decode(window, language, temperatures=TEMPERATURES)
        yield from segments

    def _decode(
        self, window: "SpeechWindow", language: str | None, temperatures: tuple[float, ...]
    ) -> list[RawSegment]:
        segments, _ = self._model.transcribe(
            to_floats(window.samples),
            language=language,
            beam_size=self._config.beam_size,
            temperature=temperatures,
            word_timestamps=True,
            # A window that starts from the text before it repeats that text's mistakes.
            condition_on_previous_text=False,
        )
        return [convert_segment(segment) for segment in segments]

    @cached_property
    def _model(self) -> WhisperModel:
        if not (self._info.path / "model.bin").is_file():
            raise ModelMissing(f"no model.bin in {self._info.path}")
        set_random_seed(SEED)
        return WhisperModel(
            str(self._info.path),
            device="cpu",
            compute_type=self._config.compute_type,
            cpu_threads=self._config.threads,
            local_files_only=True,
        )


def is_doubtful(segment: RawSegment) -> bool:
    """Whether a segment repeats itself or is improbable, so that another decoding may do better."""
    return (
        segment.compression_ratio > MAX_COMPRESSION_RATIO
        or segment.average_log_probability < MIN_AVERAGE_LOG_PROBABILITY
    )


def to_floats(samples: "Samples") -> "NDArray[np.float32]":
    """Return samples from -1 to 1, as the model wants them."""
    return samples.astype(np.float32) / FULL_SCALE


def convert_segment(segment: Any) -> RawSegment:
    """Turn a segment of faster-whisper into ours."""
    words = tuple(
        Word(float(word.start), float(word.end), word.word, float(word.probability)) for word in segment.words or ()
    )
    return RawSegment(
        start=float(segment.start),
        end=float(segment.end),
        text=segment.text,
        words=words,
        average_log_probability=segment.avg_logprob,
        no_speech_probability=segment.no_speech_prob,
        compression_ratio=segment.compression_ratio,
    )
