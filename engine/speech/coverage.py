"""Speech that has no text."""

from collections.abc import Iterable, Iterator, Sequence

from engine.speech.timeline import merge_spans
from engine.types import Segment, Span

# A word covers this much on both sides: its times are rough, and a breath beside it is no missing word.
MARGIN_SECONDS = 0.75
# In a stretch that has text, a shorter uncovered rest is a cough, a laugh or an "uh".
LEAST_SECONDS = 2.0
# A stretch without any word counts from this length on: a short answer, with the padding around it.
LEAST_WORDLESS_SECONDS = 1.2


def find_untranscribed(speech: Sequence[Span], segments: Iterable[Segment]) -> tuple[Span, ...]:
    """Return where speech has no words.

    These are whole stretches, and long parts of others.
    """
    written = [span for segment in segments for span in list_written(segment)]
    return tuple(rest for span in merge_spans(speech, 0.0) for rest in find_uncovered(span, written))


def find_uncovered(span: Span, written: Sequence[Span]) -> Iterator[Span]:
    """Yield what of one stretch of speech has no text."""
    for rest in subtract(span, written):
        if rest.seconds >= (LEAST_WORDLESS_SECONDS if rest == span else LEAST_SECONDS):
            yield rest


def list_written(segment: Segment) -> Iterator[Span]:
    """Yield where the text of a segment lies with some margin."""
    for part in segment.words or (segment,):
        yield Span(part.start - MARGIN_SECONDS, part.end + MARGIN_SECONDS)


def subtract(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of `span` without the spans `taken`.

    These are in order of their start.
    """
    start = span.start
    for other in taken:
        if other.start >= span.end:
            break
        if other.start > start:
            yield Span(start, other.start)
        start = max(start, other.end)
    if start < span.end:
        yield Span(start, span.end)
