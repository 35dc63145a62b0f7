"""The trust in a text and the texts that were never spoken."""

import re
import zlib
from collections.abc import Iterable, Sequence
from math import exp
from typing import TYPE_CHECKING

from engine.flags import IMPLAUSIBLE_SPEED, LOW_CONFIDENCE, REPETITION, SPEECH_WITHOUT_TEXT
from engine.types import Segment, Word

if TYPE_CHECKING:
    # At run time this would load numpy into every process that only joins texts.
    from engine.types import RawSegment


# The thresholds at which Whisper's own decoder rejects a window (Radford et al. 2022, section 4.5).
NO_SPEECH_PROBABILITY = 0.6
LOG_PROBABILITY = -1.0
COMPRESSION_RATIO = 2.4
# Text whose words are all this unlikely is noise read as words.
WORD_PROBABILITY = 0.15
# A text that leaves out more seconds of its window has skipped speech: a window holds no long pauses.
UNWRITTEN_SECONDS = 2.5
# The same words twice at the end are the commonest mistake of a decoder that does not hear the end.
REPEATED_WORDS = 3
# A segment whose confidence is lower is flagged: it is more often wrong than right.
SEGMENT_CONFIDENCE = 0.5
# The quickest speakers reach about 20 letters a second. Fewer letters than the second limit show no speed.
LETTERS_PER_SECOND = 30.0
LETTERS_TO_JUDGE = 12
WORD = re.compile(r"\w+")
# A word takes at least 30 ms: a decoder that invents squeezes words into no time at all.
SECONDS_PER_WORD = 0.03


def measure_compression(text: str) -> float:
    """Return how many times smaller a text becomes by compression.

    Loops compress well (Radford et al. 2022, 4.5).
    """
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw))


def repeats_itself(text: str) -> bool:
    """Whether a text ends with the same words twice."""
    words = WORD.findall(text.lower())
    last = len(words)
    return any(
        words[last - count :] == words[last - 2 * count : last - count]
        for count in range(REPEATED_WORDS, last // 2 + 1)
    )


def find_fault(
    text: str,
    *,
    unwritten_seconds: float,
    is_cut_off: bool,
    average_log_probability: float,
    no_speech_probability: float,
) -> str | None:
    """Return the flag for an implausible text of a window, or None.

    `unwritten_seconds` is the longest stretch of the window without a segment; `is_cut_off` says that the decoder
    did not come to an end by itself.
    """
    if is_cut_off or measure_compression(text) > COMPRESSION_RATIO or repeats_itself(text):
        return REPETITION
    if no_speech_probability > NO_SPEECH_PROBABILITY:
        return None
    if unwritten_seconds > UNWRITTEN_SECONDS:
        return SPEECH_WITHOUT_TEXT
    return LOW_CONFIDENCE if average_log_probability < LOG_PROBABILITY else None


def find_flags(segment: Segment, fault: str | None) -> tuple[str, ...]:
    """Return why a segment may be wrong.

    `fault` is that of its window.
    """
    letters = sum(letter.isalnum() for letter in segment.text)
    seconds = segment.end - segment.start
    found = {
        REPETITION: fault == REPETITION,
        LOW_CONFIDENCE: fault == LOW_CONFIDENCE or segment.confidence < SEGMENT_CONFIDENCE,
        IMPLAUSIBLE_SPEED: letters >= LETTERS_TO_JUDGE and letters > seconds * LETTERS_PER_SECOND,
    }
    return tuple(flag for flag, is_found in found.items() if is_found)


def rate_words(words: Sequence[Word], average_log_probability: float) -> float:
    """Return the confidence of a segment from 0 to 1.

    The mean probability of its words, or where there are no words the geometric mean of its
    tokens' probabilities, e to the power of the average log probability.
    """
    if not words:
        return clamp_share(exp(average_log_probability))
    return clamp_share(sum(word.probability for word in words) / len(words))


def rate_transcript(segments: Iterable[Segment]) -> float | None:
    """Return the mean confidence weighted by seconds.

    None without any segment of a length.
    """
    weighted = [(segment.confidence, segment.end - segment.start) for segment in segments]
    seconds = sum(length for _, length in weighted)
    if seconds <= 0:
        return None
    return clamp_share(sum(confidence * length for confidence, length in weighted) / seconds)


def is_invented(segment: "RawSegment") -> bool:
    """Whether a decoder made the text up from noise.

    By its own figures, in any language.
    """
    if not any(letter.isalnum() for letter in segment.text):
        return True
    unsure = segment.average_log_probability < LOG_PROBABILITY
    if unsure and (
        segment.no_speech_probability > NO_SPEECH_PROBABILITY or segment.compression_ratio > COMPRESSION_RATIO
    ):
        return True
    return bool(segment.words) and (_is_squeezed(segment.words) or _is_unlikely(segment.words))


def _is_squeezed(words: Sequence[Word]) -> bool:
    spoken = words[-1].end - words[0].start
    return len(words) > 2 and spoken < SECONDS_PER_WORD * len(words)  # noqa: PLR2004 - one or two short words can be quick


def _is_unlikely(words: Sequence[Word]) -> bool:
    return max(word.probability for word in words) < WORD_PROBABILITY


def clamp_share(value: float) -> float:
    """Return `value` within 0 to 1, rounded to four digits."""
    return round(min(1.0, max(0.0, value)), 4)
