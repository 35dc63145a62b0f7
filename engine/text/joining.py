"""The chunks of a recording joined to one transcript."""

from collections.abc import Iterable

from engine.flags import LANGUAGE_UNCERTAIN, LOW_COVERAGE
from engine.text.quality import clamp_share, rate_transcript
from engine.text.review_flags import LEAST_COVERAGE, find_review_spots
from engine.types import ChunkTranscript, Span, Transcript

# Below this, the detected language is flagged as uncertain.
LEAST_LANGUAGE_PROBABILITY = 0.6


def join_chunks(
    chunks: Iterable[ChunkTranscript],
    seconds: float,
    language: str | None,
    language_probability: float | None = None,
    *,
    speech_seconds: float | None = None,
    gaps: Iterable[Span] = (),
    flags: Iterable[str] = (),
) -> Transcript:
    """Join the texts of chunks into one transcript of `seconds`.

    The chunks may come in any order. `speech_seconds` is how much speech was heard; `gaps` and `flags` are what
    preparing the recording found.
    """
    ordered = sorted(chunks, key=lambda chunk: chunk.index)
    segments = tuple(segment for chunk in ordered for segment in chunk.segments)
    untranscribed = [span for chunk in ordered for span in chunk.untranscribed]
    coverage = measure_coverage(untranscribed, speech_seconds)
    found = list(flags)
    if language_probability is not None and language_probability < LEAST_LANGUAGE_PROBABILITY:
        found.append(LANGUAGE_UNCERTAIN)
    if coverage is not None and coverage < LEAST_COVERAGE:
        found.append(LOW_COVERAGE)
    return Transcript(
        segments=segments,
        seconds=seconds,
        language=language,
        language_probability=language_probability,
        confidence=rate_transcript(segments),
        coverage=coverage,
        flags=tuple(found),
        review_spots=find_review_spots(segments, untranscribed, gaps),
    )


def measure_coverage(untranscribed: Iterable[Span], speech_seconds: float | None) -> float | None:
    """Return the share of the speech that has text.

    None when no speech was heard, or it was not measured.
    """
    if not speech_seconds:
        return None
    return clamp_share(1 - sum(span.seconds for span in untranscribed) / speech_seconds)
