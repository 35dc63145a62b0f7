"""Speech to text as a library: plain Python that knows no web framework.

What other packages may use is listed in ``__all__``.
"""

from engine.client import EngineClient, Tick
from engine.codec import from_dict, to_dict
from engine.doubts import PLACE_FLAGS, SEGMENT_FLAGS, TRANSCRIPT_FLAGS, is_doubtful, needs_review
from engine.errors import (
    ERRORS,
    EmptyFile,
    EngineCrashed,
    EngineError,
    EngineOutOfMemory,
    EngineTimeout,
    ModelMissing,
    NoAudioTrack,
    StorageFull,
    TooLong,
    UnreadableMedia,
    UnsupportedLanguage,
    build_error,
)
from engine.formats import FORMATS, MEDIA_TYPES, render
from engine.joining import join_chunks
from engine.registry import locate_model
from engine.types import (
    ChunkPlan,
    ChunkTranscript,
    Doubt,
    EngineConfig,
    FakeBehaviour,
    JoinedFile,
    MediaInfo,
    ModelInfo,
    Note,
    Preparation,
    Segment,
    Span,
    Transcript,
    Word,
)

__all__ = [
    "ERRORS",
    "FORMATS",
    "MEDIA_TYPES",
    "PLACE_FLAGS",
    "SEGMENT_FLAGS",
    "TRANSCRIPT_FLAGS",
    "ChunkPlan",
    "ChunkTranscript",
    "Doubt",
    "EmptyFile",
    "EngineClient",
    "EngineConfig",
    "EngineCrashed",
    "EngineError",
    "EngineOutOfMemory",
    "EngineTimeout",
    "FakeBehaviour",
    "JoinedFile",
    "MediaInfo",
    "ModelInfo",
    "ModelMissing",
    "NoAudioTrack",
    "Note",
    "Preparation",
    "Segment",
    "Span",
    "StorageFull",
    "Tick",
    "TooLong",
    "Transcript",
    "UnreadableMedia",
    "UnsupportedLanguage",
    "Word",
    "build_error",
    "from_dict",
    "is_doubtful",
    "join_chunks",
    "locate_model",
    "needs_review",
    "render",
    "to_dict",
]
