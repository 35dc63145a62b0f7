"""The values that describe speech to text.

All times are seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

# Called with the seconds of audio that are done.
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a segment, seconds from the recording's start.

    `text` keeps the space before the word where the language has one, so that the texts of a segment's words join to
    the segment's text.
    """

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or a part of one with confidence and flags.

    `confidence` is from 0 to 1; `flags` say why it may be wrong (`SEGMENT_FLAGS`).
    """

    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawSegment:
    """What a decoder wrote, in seconds of its window.

    The probabilities are its own doubts. `fault` is what makes the text of the whole window implausible, if all tries
    ended so (see `quality.find_fault`).
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of audio, seconds from the start of the recording."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ReviewSpot:
    """A spot to listen to, and why (`SPOT_FLAGS`).

    Times are seconds from the start of the recording.
    """

    start: float
    end: float
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What the container says about itself.

    `seconds` is None where it does not say.
    """

    container: str
    codec: str
    media_type: str
    sample_rate: int
    channels: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """One chunk of work: its seconds and its bytes.

    It lasts from second `start` to `end`, and lies in bytes `offset` to `offset + length` of the working copy. `speech`
    are the stretches of speech, in seconds of the whole recording; a chunk without any needs no transcribing.
    """

    index: int
    start: float
    end: float
    offset: int
    length: int
    speech: tuple[Span, ...] = ()

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Preparation:
    """The findings of one pass over a recording.

    `seconds` is what could be decoded. `truncated` says that the file held or promised more; `lost_seconds` is how
    much, or None where that is unknown. `peaks` are at most 1000 loudness values from 0 to 100 that cover the recording
    evenly. `gaps` are where sound is missing in the middle, `flags` what is wrong with the whole recording
    (`RECORDING_FLAGS`).
    """

    media: MediaInfo
    seconds: float
    lost_seconds: float | None
    truncated: bool
    chunks: tuple[ChunkPlan, ...]
    language: str | None
    language_probability: float | None
    peaks: tuple[int, ...]
    gaps: tuple[Span, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkTranscript:
    """The text of one chunk.

    `compute_seconds` is what it took, `untranscribed` the speech that has no text.
    """

    index: int
    segments: tuple[Segment, ...]
    language: str | None
    language_probability: float | None
    compute_seconds: float
    untranscribed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What was noticed while recording in plain words.

    `kind` names it for programs; times are seconds from the start.
    """

    start: float
    end: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """The text of a whole recording.

    `confidence` (0-1) is None where nothing was said. `coverage` (0-1) is the share of the speech that has text, None
    where none was heard; `flags` is what is wrong with the whole (`TRANSCRIPT_FLAGS`). `review_spots` are the spots to
    listen to, `notes` what was noticed while recording, both in order.
    """

    segments: tuple[Segment, ...]
    seconds: float
    language: str | None
    language_probability: float | None
    confidence: float | None
    coverage: float | None = None
    flags: tuple[str, ...] = ()
    review_spots: tuple[ReviewSpot, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model on this machine's disk.

    `checksum` is the sha256 of its weights, in hex.
    """

    name: str
    path: Path
    checksum: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FakeBehaviour:
    """The speed and the faults of the fake engine.

    The delays are seconds for each second of audio. `faults` are pairs of a second of the recording (-1: while
    preparing) and a name from `engine.recognition.fake.FAULTS`; the fault happens when that second is transcribed.
    """

    delay_per_second: float = 0.0
    preparing_delay_per_second: float = 0.0
    faults: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """The result of joining the parts of a recording.

    `part_seconds` has the seconds of each part, 0 for an unreadable one. `truncated` says that a part was damaged or
    ended in the middle.
    """

    container: str
    media_type: str
    part_seconds: tuple[float, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """All that a child process needs to know before its first request.

    `memory_limit_bytes` None derives the limit from the size of the model;
    after `idle_seconds` without a request the child ends by itself.
    """

    engine: Literal["whisper", "fake"] = "whisper"
    model: ModelInfo | None = None
    compute_type: str = "int8"
    threads: int = 1
    beam_size: int = 1
    memory_limit_bytes: int | None = None
    idle_seconds: float = 300.0
    fake: FakeBehaviour = field(default_factory=FakeBehaviour)
