"""Whisper on CTranslate2: windows to text.

Short input comes first; where that went wrong, a window is read again with all care.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ctranslate2
import numpy as np
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

from engine.flags import REPETITION, SPEECH_WITHOUT_TEXT
from engine.media.wav import SAMPLE_RATE
from engine.recognition.tokens import TimedTokens, measure_longest_gap, split_at_timestamps, split_words
from engine.text.quality import UNWRITTEN_SECONDS, find_fault, measure_compression
from engine.types import RawSegment, Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FRAMES_PER_SECOND = 100
FULL_FRAMES = 3000
# Silence behind the speech. With less, Whisper does not notice the end and repeats the last words.
PADDING_SECONDS = 1.5
# The first second is where a text must begin (Whisper's own rule, in steps of 20 ms).
LATEST_START = 50
# A decoder is stopped at this rate: faster than any speech, it goes round in circles.
TOKENS_PER_SECOND = 14
SPARE_TOKENS = 24
MAX_TOKENS = 448
CAREFUL_BEAM = 5
# Below this mean of its tokens' log probabilities a window's text often gets better with a wider beam.
UNSURE_LOG_PROBABILITY = -0.5
# How much of the text before a window goes into its second reading; more tokens bring no more.
CONTEXT_TOKENS = 100
# The last try, where even a careful one goes round in circles.
WITHOUT_REPETITION: dict[str, Any] = {"no_repeat_ngram_size": 4, "repetition_penalty": 1.1}
# Punctuation that belongs to the word after it, and to the one before, as in OpenAI's Whisper.
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - as written in Chinese and Japanese


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of one window, and how far it can be believed.

    Segments are there as tokens and with words.
    """

    timed: tuple[TimedTokens, ...]
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float
    fault: str | None
    segments: tuple[RawSegment, ...] = ()

    @property
    def tokens(self) -> list[int]:
        """The tokens of the text without times."""
        return [token for segment in self.timed for token in segment.tokens]


class Decoder:
    """Reads windows with one model in one language."""

    def __init__(self, model: "WhisperModel", tokenizer: "Tokenizer", beam_size: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._beam_size = beam_size
        self._suppressed = get_suppressed_tokens(tokenizer, [-1])

    def read(self, windows: Sequence["Floats"], on_half: Callable[[float], None]) -> list[Reading]:
        """Read windows of samples from -1 to 1 together.

        An implausible text is read again with all care. `on_half` gets half the seconds of a window when it is encoded,
        which is about half of the work.
        """
        longest = max(len(window) for window in windows) / SAMPLE_RATE + PADDING_SECONDS
        frames = min(FULL_FRAMES, int(longest * FRAMES_PER_SECOND) // 2 * 2)
        outputs = []
        for window in windows:
            outputs.append(self.encode(window, frames))
            on_half(len(window) / SAMPLE_RATE / 2)
        encoded = np.concatenate(outputs)
        seconds = [len(window) / SAMPLE_RATE for window in windows]
        readings = self._place_words(encoded, self._read_twice(encoded, seconds), seconds)
        return [
            self._read_carefully(window, first) if first.fault else first
            for window, first in zip(windows, readings, strict=True)
        ]

    def _read_twice(self, encoded: "Floats", seconds: Sequence[float]) -> list[Reading]:
        """Read windows at once and then the unsure ones again.

        The second time with a wide beam and the text before them.
        """
        start = list(self._tokenizer.sot_sequence)
        readings = self._write(encoded, seconds, [start] * len(seconds), beam_size=self._beam_size)
        best = list(readings)
        for contexts in group_unsure(readings):
            indexes = list(contexts)
            prompts = [
                [self._tokenizer.sot_prev, *context, *start] if context else start for context in contexts.values()
            ]
            again = self._write(
                encoded[indexes], [seconds[index] for index in indexes], prompts, beam_size=CAREFUL_BEAM
            )
            for index, reading in zip(indexes, again, strict=True):
                best[index] = choose_best([readings[index], reading])
        return best

    def _read_carefully(self, window: "Floats", first: Reading) -> Reading:
        """Read one window as Whisper was trained.

        The input is 30 s, the beam wide.
        """
        encoded = self.encode(window, FULL_FRAMES)
        tries = [first]
        tries += self._read_encoded(encoded, [window], beam_size=CAREFUL_BEAM)
        if tries[-1].fault is None:
            return tries[-1]
        if tries[-1].fault == REPETITION:
            (forced,) = self._read_encoded(encoded, [window], beam_size=CAREFUL_BEAM, **WITHOUT_REPETITION)
            # What was said twice may be a refrain: the flag shows the reader that something was left out.
            tries.append(replace_fault(forced, REPETITION))
            if forced.fault is None:
                return tries[-1]
        return choose_best(tries)

    def encode(self, window: "Floats", frames: int) -> "Floats":
        """Return the encoder's output for one window padded to `frames`.

        Shape (1, frames / 2, width). One by one: several at once take longer, since they no longer fit into the
        processor's cache.
        """
        padded = np.pad(window, (0, max(0, frames * SAMPLE_RATE // FRAMES_PER_SECOND - len(window))))
        features = self._model.feature_extractor(padded, padding=0)[np.newaxis, :, :frames]
        storage = ctranslate2.StorageView.from_array(np.ascontiguousarray(features, np.float32))
        return np.array(self._model.model.encode(storage))

    def _read_encoded(self, encoded: "Floats", windows: Sequence["Floats"], **options: Any) -> list[Reading]:
        seconds = [len(window) / SAMPLE_RATE for window in windows]
        prompts = [list(self._tokenizer.sot_sequence)] * len(windows)
        readings = self._write(encoded, seconds, prompts, **options)
        return self._place_words(encoded, readings, seconds)

    def _place_words(self, encoded: "Floats", readings: Sequence[Reading], seconds: Sequence[float]) -> list[Reading]:
        """Return the readings with segments, whose words have their times."""
        aligned = self._align(encoded, readings, seconds)
        return [
            add_segments(reading, words, length, self._tokenizer)
            for reading, words, length in zip(readings, aligned, seconds, strict=True)
        ]

    def _write(
        self, encoded: "Floats", seconds: Sequence[float], prompts: Sequence[list[int]], **options: Any
    ) -> list[Reading]:
        """Write the text of encoded windows.

        There is one prompt for each, all equally long.
        """
        told = len(prompts[0])
        limit = min(MAX_TOKENS - told, SPARE_TOKENS + int(max(seconds) * TOKENS_PER_SECOND))
        results = self._model.model.generate(
            ctranslate2.StorageView.from_array(encoded),
            prompts,
            max_length=told + limit,
            suppress_tokens=self._suppressed,
            max_initial_timestamp_index=LATEST_START,
            return_scores=True,
            return_no_speech_prob=True,
            **options,
        )
        return [self._judge(result, length, limit) for result, length in zip(results, seconds, strict=True)]

    def _judge(self, result: Any, seconds: float, limit: int) -> Reading:
        tokens = result.sequences_ids[0]
        timed = split_at_timestamps(tokens, self._tokenizer.timestamp_begin, self._tokenizer.eot, seconds)
        text = self._tokenizer.decode(tokens).strip()
        # The score is the mean over the tokens; Whisper counts the end as one more.
        probability = result.scores[0] * len(tokens) / (len(tokens) + 1)
        fault = find_fault(
            text,
            unwritten_seconds=measure_longest_gap([(part.start, part.end) for part in timed], seconds),
            is_cut_off=len(tokens) >= limit,
            average_log_probability=probability,
            no_speech_probability=result.no_speech_prob,
        )
        return Reading(timed, probability, result.no_speech_prob, measure_compression(text), fault)

    def _align(
        self, encoded: "Floats", readings: Sequence[Reading], seconds: Sequence[float]
    ) -> list[list[dict[str, Any]]]:
        """Return the words of each window with times and probabilities.

        faster-whisper finds them.
        """
        if not any(reading.tokens for reading in readings):
            return [[] for _ in readings]
        tokens = [reading.tokens for reading in readings]
        frames = [int(length * FRAMES_PER_SECOND) for length in seconds]
        aligned: list[list[dict[str, Any]]] = self._model.find_alignment(
            self._tokenizer, tokens, ctranslate2.StorageView.from_array(encoded), frames
        )
        for words in aligned:
            merge_punctuations(words, PREPENDED, APPENDED)
        return aligned


def is_unsure(reading: Reading) -> bool:
    """Whether a wide beam often finds a better text."""
    return reading.fault is not None or reading.average_log_probability < UNSURE_LOG_PROBABILITY


def group_unsure(readings: Sequence[Reading]) -> list[dict[int, list[int]]]:
    """Return the unsure readings of windows in groups.

    Each maps an index to the tokens that were read before it. The first group has nothing before it; in the second all
    have equally many tokens, as one call requires.
    """
    unsure = [index for index, reading in enumerate(readings) if is_unsure(reading)]
    before = {index: collect_tokens(readings[:index])[-CONTEXT_TOKENS:] for index in unsure}
    untold = {index: tokens for index, tokens in before.items() if not tokens}
    told = {index: tokens for index, tokens in before.items() if tokens}
    shortest = min(map(len, told.values()), default=0)
    return [group for group in (untold, {index: tokens[-shortest:] for index, tokens in told.items()}) if group]


def collect_tokens(readings: Sequence[Reading]) -> list[int]:
    """Return the tokens of plausible texts.

    A loop would be taken up.
    """
    return [token for reading in readings if reading.fault is None for token in reading.tokens]


def choose_best(tries: Sequence[Reading]) -> Reading:
    """Return the best of some readings.

    In this order: has text, has no fault, has no loop, is surest of its words.
    """
    return max(
        reversed(tries),
        key=lambda found: (
            bool(found.tokens),
            found.fault is None,
            found.fault != REPETITION,
            found.average_log_probability,
        ),
    )


def replace_fault(reading: Reading, fault: str) -> Reading:
    """Return a reading with a fault.

    Its segments have it too.
    """
    segments = tuple(replace(segment, fault=fault) for segment in reading.segments)
    return replace(reading, fault=fault, segments=segments)


def add_segments(reading: Reading, aligned: Sequence[dict[str, Any]], seconds: float, tokenizer: Any) -> Reading:
    """Return a reading with its segments.

    Words that leave out much of a window of `seconds` are a fault.
    """
    words = list(split_words(reading.timed, aligned))
    times = [(word.start, word.end) for group in words for word in group]
    skips = measure_longest_gap(times, seconds) > UNWRITTEN_SECONDS and bool(times)
    reading = replace(reading, fault=reading.fault or (SPEECH_WITHOUT_TEXT if skips else None))
    pairs = zip(reading.timed, words, strict=True)
    return replace(
        reading,
        # Where all words of a segment went to its neighbour, its text is there already.
        segments=tuple(
            build_segment(reading, part, group, tokenizer.decode(list(part.tokens)))
            for part, group in pairs
            if group or not times
        ),
    )


def build_segment(reading: Reading, part: TimedTokens, words: tuple[Word, ...], text: str) -> RawSegment:
    """Return one segment with the times of its words.

    Without words, the times are those that the decoder wrote.
    """
    return RawSegment(
        start=words[0].start if words else part.start,
        end=words[-1].end if words else part.end,
        text=text,
        words=words,
        average_log_probability=reading.average_log_probability,
        no_speech_probability=reading.no_speech_probability,
        compression_ratio=reading.compression_ratio,
        fault=reading.fault,
    )
