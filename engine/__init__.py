"""Speech to text as plain Python without a web framework.

What other packages may use is listed in `__all__`.
"""

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
from engine.flags import (
    GAP,
    LANGUAGE_UNCERTAIN,
    RECORDING_FLAGS,
    SEGMENT_FLAGS,
    SPEECH_WITHOUT_TEXT,
    SPOT_FLAGS,
    TRANSCRIPT_FLAGS,
    UNSURE_WORDS,
)
from engine.models.model_locator import locate_model
from engine.pipe.client import EngineClient, Tick
from engine.text.formats import FORMATS, MEDIA_TYPES, render
from engine.text.joining import join_chunks
from engine.text.review_flags import is_doubtful, needs_review
from engine.types import (
    ChunkPlan,
    ChunkTranscript,
    EngineConfig,
    FakeBehaviour,
    JoinedFile,
    MediaInfo,
    ModelInfo,
    Note,
    Preparation,
    ReviewSpot,
    Segment,
    Span,
    Transcript,
    Word,
)

__all__ = [
    "ERRORS",
    "FORMATS",
    "GAP",
    "LANGUAGE_UNCERTAIN",
    "MEDIA_TYPES",
    "RECORDING_FLAGS",
    "SEGMENT_FLAGS",
    "SPEECH_WITHOUT_TEXT",
    "SPOT_FLAGS",
    "TRANSCRIPT_FLAGS",
    "UNSURE_WORDS",
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
    "JoinedFile",
    "MediaInfo",
    "ModelInfo",
    "ModelMissing",
    "NoAudioTrack",
    "Note",
    "Preparation",
    "ReviewSpot",
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
