"""One chunk from bytes to segments and what it leaves open."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.flags import TEXT_IN_SILENCE
from engine.media.wav import read_samples
from engine.messages import TranscribeRequest
from engine.recognition.recogniser import Recogniser, require_language
from engine.speech.coverage import find_untranscribed
from engine.speech.silence import SilenceCheck
from engine.speech.timeline import SpeechWindow
from engine.speech.windows import cut_windows
from engine.text.quality import find_flags, is_invented, rate_words
from engine.types import ChunkTranscript, RawSegment, Report, Segment, Word

# A pause this long between two words ends a segment: no line is read through it.
SEGMENT_PAUSE_SECONDS = 2.0
# Without speech, every model tried here put the probability of no speech at 0.55 or more; nine of ten windows of speech
# got less than this.
SURE_OF_SPEECH = 0.4
SURE_OF_WORDS = 0.6


def transcribe_chunk(request: TranscribeRequest, recogniser: Recogniser, report: Report) -> ChunkTranscript:
    """Transcribe the speech of one chunk.

    `report` gets the seconds of the chunk done so far.

    Raises:
        EngineError: the engine does not write this language, or failed.
    """
    started = time.monotonic()
    require_language(recogniser, request.language)
    segments = tuple(_write_segments(request, recogniser, report)) if request.chunk.speech else ()
    return ChunkTranscript(
        index=request.chunk.index,
        segments=segments,
        language=request.language,
        language_probability=None,
        compute_seconds=time.monotonic() - started,
        untranscribed=find_untranscribed(request.chunk.speech, segments),
    )


def _write_segments(request: TranscribeRequest, recogniser: Recogniser, report: Report) -> list[Segment]:
    """Return the segments in order.

    The recogniser does the windows in the order that suits it.
    """
    chunk = request.chunk
    samples = read_samples(request.working_copy, chunk.offset, chunk.length)
    windows = [window for window in cut_windows(samples, chunk) if len(window.samples)]
    share = chunk.seconds / (sum(window.seconds for window in windows) or 1.0)
    found: dict[int, list[Segment]] = {}
    check = SilenceCheck(recogniser.build_detector, samples, chunk.start)
    for recognition in recogniser.recognise(windows, request.language, lambda done: report(share * done)):
        window = windows[recognition.index]
        spoken = [raw for raw in recognition.segments if not is_invented(raw)]
        found[recognition.index] = [
            mark_silence(segment, raw, check) for raw in spoken for segment in restore_segment(raw, window)
        ]
    return [segment for index in sorted(found) for segment in found[index]]


def mark_silence(segment: Segment, raw: RawSegment, check: SilenceCheck) -> Segment:
    """Flag a segment that seems to lie in silence.

    What the recogniser is sure to have heard is not listened to again.
    """
    is_sure = raw.no_speech_probability < SURE_OF_SPEECH and segment.confidence >= SURE_OF_WORDS
    if is_sure or not check.is_silent(segment.start, segment.end):
        return segment
    return replace(segment, flags=(*segment.flags, TEXT_IN_SILENCE))


def restore_segment(raw: RawSegment, window: SpeechWindow) -> Iterator[Segment]:
    """Move a segment to the times of the recording.

    Long pauses that had been removed split it.
    """
    words = [Word(*window.restore_span(word.start, word.end), word.text, word.probability) for word in raw.words]
    groups = split_at_pauses(words) if words else [()]
    for group in groups:
        start, end = (group[0].start, group[-1].end) if group else window.restore_span(raw.start, raw.end)
        text = "".join(word.text for word in group) if group else raw.text
        segment = Segment(start, end, text.strip(), rate_words(group, raw.average_log_probability), tuple(group))
        yield replace(segment, flags=find_flags(segment, raw.fault))


def split_at_pauses(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Yield the words in groups split at pauses of two seconds."""
    bounds = [index for index, (left, right) in enumerate(pairwise(words), 1) if _is_pause(left, right)]
    for start, end in pairwise([0, *bounds, len(words)]):
        yield tuple(words[start:end])


def _is_pause(left: Word, right: Word) -> bool:
    return right.start - left.end >= SEGMENT_PAUSE_SECONDS
