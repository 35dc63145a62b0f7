"""One chunk from bytes to segments."""

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.protocol import TranscribeRequest
from engine.quality import is_invented, rate_words
from engine.recogniser import RawSegment, Recogniser, Report, require_language
from engine.timeline import SpeechWindow, cut_window
from engine.types import ChunkTranscript, Segment, Word
from engine.wav import read_samples

# A pause this long between two words ends a segment: nobody reads one line through it.
SEGMENT_PAUSE_SECONDS = 2.0


def transcribe_chunk(request: TranscribeRequest, recogniser: Recogniser, report: Report) -> ChunkTranscript:
    """Transcribe the speech of one chunk; ``report`` gets the seconds of the chunk done so far.

    Raises EngineError.
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
    )


def _write_segments(request: TranscribeRequest, recogniser: Recogniser, report: Report) -> Iterator[Segment]:
    chunk = request.chunk
    window = cut_window(read_samples(request.working_copy, chunk.offset, chunk.length), chunk)
    if not len(window.samples):
        return
    for raw in recogniser.recognise(window, request.language):
        report(window.restore_span(raw.end, raw.end)[1] - chunk.start)
        if not is_invented(raw):
            yield from place_segment(raw, window)


def place_segment(raw: RawSegment, window: SpeechWindow) -> Iterator[Segment]:
    """Move a segment to the times of the recording; long pauses that had been removed split it."""
    if not raw.words:
        start, end = window.restore_span(raw.start, raw.end)
        yield Segment(start, end, raw.text.strip(), rate_words((), raw.average_log_probability))
        return
    words = [Word(*window.restore_span(word.start, word.end), word.text, word.probability) for word in raw.words]
    for group in split_at_pauses(words):
        text = "".join(word.text for word in group).strip()
        confidence = rate_words(group, raw.average_log_probability)
        yield Segment(group[0].start, group[-1].end, text, confidence, group)


def split_at_pauses(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Yield the words in groups without a pause of two seconds or more inside."""
    bounds = [index for index, (left, right) in enumerate(pairwise(words), 1) if _is_pause(left, right)]
    for start, end in pairwise([0, *bounds, len(words)]):
        yield tuple(words[start:end])


def _is_pause(left: Word, right: Word) -> bool:
    return right.start - left.end >= SEGMENT_PAUSE_SECONDS
