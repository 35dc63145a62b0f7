"""The review spots of a transcript and its need for review."""

from collections.abc import Iterable, Iterator, Sequence

from engine.flags import GAP, LOW_CONFIDENCE, SPEECH_WITHOUT_TEXT, UNSURE_WORDS
from engine.types import ReviewSpot, Segment, Span, Transcript, Word

# Below this a word is doubtful, and far more often wrong than others: benchmarks/words measures how often.
DOUBTFUL_PROBABILITY = 0.7
# Doubtful words at most this far apart are one review spot.
JOINED_WORDS_SECONDS = 1.0
# Below this share of the speech, the text is flagged: something is missing.
LEAST_COVERAGE = 0.9
# Below this mean confidence, the whole transcript needs a reader.
REVIEW_CONFIDENCE = 0.75
# These concern only the words at one spot and are shown there: no reason to read the whole again.
HARMLESS = {UNSURE_WORDS, LOW_CONFIDENCE}


def is_doubtful(word: Word) -> bool:
    """Whether a word is likely to be wrong."""
    return word.probability < DOUBTFUL_PROBABILITY


def find_review_spots(
    segments: Sequence[Segment], untranscribed: Iterable[Span], gaps: Iterable[Span]
) -> tuple[ReviewSpot, ...]:
    """Return the review spots in order.

    They are segments with flags, doubtful words in others, and what is missing.
    """
    places = [spot for segment in segments for spot in find_spots_in(segment)]
    places += [ReviewSpot(span.start, span.end, (SPEECH_WITHOUT_TEXT,)) for span in untranscribed]
    places += [ReviewSpot(span.start, span.end, (GAP,)) for span in gaps]
    return tuple(sorted(places, key=lambda place: (place.start, place.end)))


def find_spots_in(segment: Segment) -> Iterator[ReviewSpot]:
    """Yield a flagged segment as a whole or else its doubtful words.

    Neighbours are one spot.
    """
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
    """Whether the text should be read through.

    A flag of the whole, a low mean confidence, or a spot with more wrong than unsure words are the reasons.
    """
    if transcript.flags or (transcript.confidence is not None and transcript.confidence < REVIEW_CONFIDENCE):
        return True
    return any(set(spot.flags) - HARMLESS for spot in transcript.review_spots)
