"""One pass over a recording from file to chunks.

It decodes, finds speech, plans chunks and detects the language.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import TooLong
from engine.media.decoder import MediaReader
from engine.media.peaks import PeakMeter
from engine.media.wav import MAX_SECONDS, SAMPLE_RATE, Samples, WavWriter, locate_samples, read_samples
from engine.messages import PrepareRequest
from engine.recognition.recogniser import Recogniser, require_language
from engine.speech.chunking import Stretch, find_speech, plan_chunks
from engine.speech.detection import VoiceDetector
from engine.speech.levels import LevelMeter
from engine.types import MediaInfo, Preparation, Report, Span

REPORT_SECONDS = 0.2
# The language is detected in at most this many samples of the speech, each of this length.
LANGUAGE_SAMPLES = 3
LANGUAGE_SECONDS = 10
# A header that promises fewer bits per second is not believed: no codec carries speech below this.
LEAST_BIT_RATE = 500


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoding pass left behind besides the working copy."""

    media: MediaInfo
    samples: int
    lost_seconds: float | None
    truncated: bool
    peaks: tuple[int, ...]
    gaps: tuple[Span, ...]
    levels: LevelMeter


def prepare_recording(request: PrepareRequest, recogniser: Recogniser, report: Report) -> Preparation:
    """Write the working copy and describe the recording.

    `report` gets the seconds decoded so far.

    Raises:
        EngineError: the recording cannot be transcribed.
        OSError: the disk is full.
    """
    require_language(recogniser, request.language)
    detector = recogniser.build_detector()
    decoded = decode_recording(request, detector, report)
    probabilities = detector.finish()
    speech = find_speech(probabilities, decoded.samples)
    language, probability = detect_language(request, recogniser, speech)
    return Preparation(
        media=decoded.media,
        seconds=decoded.samples / SAMPLE_RATE,
        lost_seconds=decoded.lost_seconds,
        truncated=decoded.truncated,
        chunks=plan_chunks(speech, decoded.samples, probabilities),
        language=language,
        language_probability=probability,
        peaks=decoded.peaks,
        gaps=decoded.gaps,
        flags=decoded.levels.find_flags(speech),
    )


def decode_recording(request: PrepareRequest, detector: VoiceDetector, report: Report) -> Decoded:
    """Decode the source into the working copy.

    Waveform, levels and detector get the samples on the way.
    """
    limit = min(request.max_seconds, MAX_SECONDS)
    peaks, levels = PeakMeter(), LevelMeter()
    next_report = 0.0
    with MediaReader(request.source) as media, WavWriter(request.working_copy) as copy:
        refuse_promise(media.info.seconds, request.source.stat().st_size, limit)
        for block in media.read_blocks():
            if media.seconds > limit:
                raise TooLong(f"more than {limit:.0f} s")
            copy.append(block)
            peaks.add(block)
            levels.add(block)
            detector.add(block)
            if time.monotonic() >= next_report:
                next_report = time.monotonic() + REPORT_SECONDS
                report(media.seconds)
        lost = media.measure_loss()
    truncated = media.damaged or lost != 0.0
    return Decoded(media.info, media.samples, lost, truncated, peaks.finish(), tuple(media.gaps), levels)


def refuse_promise(promised: float | None, size: int, limit: float) -> None:
    """Raise TooLong for a believable header before any decoding.

    The file must be big enough for the promised length.
    """
    if promised is not None and promised > limit and size * 8 / promised >= LEAST_BIT_RATE:
        raise TooLong(f"{promised:.0f} s, the limit is {limit:.0f} s")


def detect_language(
    request: PrepareRequest, recogniser: Recogniser, speech: Sequence[Stretch]
) -> tuple[str | None, float | None]:
    """Return the language of a recording.

    The given one, the only one there is, or the one heard in several samples of the speech.
    """
    if not speech:
        return None, None
    if request.language is not None:
        return request.language, None
    if len(recogniser.languages) == 1:
        return recogniser.languages[0], None
    return recogniser.detect_language(collect_speech(request, speech))


def collect_speech(request: PrepareRequest, speech: Sequence[Stretch]) -> list[Samples]:
    """Return samples of speech from beginning and middle and end.

    Each has ten seconds. Less where there is less. Silence before and between is skipped: only speech shows the
    language.
    """
    total = sum(end - start for start, end in speech)
    wanted = LANGUAGE_SECONDS * SAMPLE_RATE
    places = min(LANGUAGE_SAMPLES, max(1, total // wanted))
    skipped = [round(place * (total - wanted) / (places - 1)) for place in range(places)] if places > 1 else [0]
    return [read_speech(request, skip_speech(speech, length)) for length in skipped]


def skip_speech(speech: Sequence[Stretch], samples: int) -> list[Stretch]:
    """Return what is left of the speech behind its first `samples`."""
    rest: list[Stretch] = []
    for start, end in speech:
        skipped = min(samples, end - start)
        samples -= skipped
        if start + skipped < end:
            rest.append((start + skipped, end))
    return rest


def read_speech(request: PrepareRequest, speech: Sequence[Stretch]) -> Samples:
    """Return the first ten seconds of speech put end to end."""
    parts: list[Samples] = []
    missing = LANGUAGE_SECONDS * SAMPLE_RATE
    for start, end in speech:
        parts.append(read_samples(request.working_copy, *locate_samples(start, min(end, start + missing))))
        missing -= len(parts[-1])
        if missing <= 0:
            break
    return np.concatenate(parts)
