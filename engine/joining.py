"""All chunks of a recording to one transcript."""

from collections.abc import Iterable

from engine.quality import rate_transcript
from engine.types import ChunkTranscript, Transcript


def join_chunks(
    chunks: Iterable[ChunkTranscript],
    seconds: float,
    language: str | None,
    language_probability: float | None = None,
) -> Transcript:
    """Put the texts of chunks, in whatever order they came, into one transcript of ``seconds`` of audio."""
    ordered = sorted(chunks, key=lambda chunk: chunk.index)
    segments = tuple(segment for chunk in ordered for segment in chunk.segments)
    return Transcript(segments, seconds, language, language_probability, rate_transcript(segments))
