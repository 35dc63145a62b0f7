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


class SeededModel(WhisperModel):  # type: ignore[misc]  # ships no types
    """A model that knows whether it had to guess.

    Where decoding is doubtful, Whisper draws by chance, from numbers that begin anew with each model. So a model that
    has guessed is replaced before the next window: the same sound gives the same text at every try.
    """

    has_guessed = False

    def generate_with_fallback(self, *arguments: Any) -> Any:
        """Decode one stretch, at rising temperatures until the text is plausible; above 0 it is drawn by chance."""
        found = super().generate_with_fallback(*arguments)
        _result, _average_log_probability, temperature, _compression_ratio = found
        self.has_guessed = self.has_guessed or temperature > 0
        return found


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
        if self._model.has_guessed:
            self.__dict__.pop("_model")
        segments, _ = self._model.transcribe(
            to_floats(window.samples),
            language=language,
            beam_size=self._config.beam_size,
            word_timestamps=True,
            # A window that starts from the text before it repeats that text's mistakes.
            condition_on_previous_text=False,
        )
        for segment in segments:
            yield convert_segment(segment)

    @cached_property
    def _model(self) -> "SeededModel":
        if not (self._info.path / "model.bin").is_file():
            raise ModelMissing(f"no model.bin in {self._info.path}")
        set_random_seed(SEED)
        return SeededModel(
            str(self._info.path),
            device="cpu",
            compute_type=self._config.compute_type,
            cpu_threads=self._config.threads,
            local_files_only=True,
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
