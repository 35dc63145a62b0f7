"""Which places of a transcript somebody should listen to, and whether the whole needs that."""

from collections.abc import Iterable, Iterator, Sequence

from engine.flags import GAP, LOW_CONFIDENCE, SPEECH_WITHOUT_TEXT, UNSURE_WORDS
from engine.types import ReviewSpot, Segment, Span, Transcript, Word

# Below this a word is far more often wrong than others: benchmarks/quality.py measures how often.
DOUBTFUL_PROBABILITY = 0.7
# Doubtful words so close together are one place.
JOINED_WORDS_SECONDS = 1.0
# With less text than this share of the speech that was heard, something is missing.
LEAST_COVERAGE = 0.9
# A transcript that is less sure of its words than this on the whole needs a reader.
REVIEW_CONFIDENCE = 0.75
# What concerns only the words at one place is shown there, and is no reason to read the whole again.
HARMLESS = {UNSURE_WORDS, LOW_CONFIDENCE}


def is_doubtful(word: Word) -> bool:
    """Whether a word is likely to be wrong."""
    return word.probability < DOUBTFUL_PROBABILITY


def find_review_spots(
    segments: Sequence[Segment], untranscribed: Iterable[Span], gaps: Iterable[Span]
) -> tuple[ReviewSpot, ...]:
    """Return the places to listen to, in order: segments with flags, doubtful words in others, what is missing."""
    places = [spot for segment in segments for spot in find_spots_in(segment)]
    places += [ReviewSpot(span.start, span.end, (SPEECH_WITHOUT_TEXT,)) for span in untranscribed]
    places += [ReviewSpot(span.start, span.end, (GAP,)) for span in gaps]
    return tuple(sorted(places, key=lambda place: (place.start, place.end)))


def find_spots_in(segment: Segment) -> Iterator[ReviewSpot]:
    """Yield a segment as a whole if it has flags, else its doubtful words, neighbours together."""
    if segment.flags:
        yield ReviewSpot(segment.start, segment.end, segment.flags)
        return
    start = end = None
    for word in filter(is_doubtful, segment.words):
        if start is not None and end is not None and word.start - end > JOINED_WORDS_SECONDS:
            yield ReviewSpot(start, end, (UNSURE_WORDS,))
            start = None
        start, end = word.start if start is None else start, word.end
    if start is not None and end is not None:
        yield ReviewSpot(start, end, (UNSURE_WORDS,))


def needs_review(transcript: Transcript) -> bool:
    """Whether somebody should go through the text.

    They should for a flag of the whole, for a low confidence on the whole, and for a place where more is wrong than words
    that the engine is unsure of.
    """
    if transcript.flags or (transcript.confidence is not None and transcript.confidence < REVIEW_CONFIDENCE):
        return True
    return any(set(spot.flags) - HARMLESS for spot in transcript.review_spots)
