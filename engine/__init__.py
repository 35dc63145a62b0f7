"""Speech to text as a library: plain Python that knows no web framework.

What other packages may use is listed in ``__all__``.
"""

from engine.client import EngineClient, Tick
from engine.codec import from_dict, to_dict
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
    EngineConfig,
    FakeBehaviour,
    MediaInfo,
    ModelInfo,
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
    "ChunkPlan",
    "ChunkTranscript",
    "EmptyFile",
    "EngineClient",
    "EngineConfig",
    "EngineCrashed",
    "EngineError",
    "EngineOutOfMemory",
    "EngineTimeout",
    "FakeBehaviour",
    "MediaInfo",
    "ModelInfo",
    "ModelMissing",
    "NoAudioTrack",
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
    "join_chunks",
    "locate_model",
    "render",
    "to_dict",
]
