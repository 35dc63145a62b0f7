"""The errors between a file and its text.

They are worded for people.
"""

from typing import ClassVar


class EngineError(Exception):
    """The engine could not do what was asked.

    `code` is stable and for programs, `message` is for people, `retryable` says whether
    trying again without changing anything makes sense, `is_lasting` that the cause lies in the file or the request,
    so that the same job would fail in the same way whenever it is tried, `detail` is for the log, `retry_after` is
    how many seconds a service has asked to be left alone.
    """

    code: ClassVar[str] = "engine_error"
    message: ClassVar[str] = "The transcription could not be done. Your recording is kept; try again."
    retryable: ClassVar[bool] = False
    is_lasting: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.message)
        self.detail = detail
        self.retry_after = retry_after


class EmptyFile(EngineError):
    """The file has no bytes, or its sound no samples."""

    code = "empty_file"
    message = "The file is empty, so there is nothing to transcribe. Check the original and upload it again."
    is_lasting = True


class UnreadableMedia(EngineError):
    """The bytes fit no allowed format, or no sound could be decoded."""

    code = "unreadable_media"
    message = (
        "The file could not be read as sound. It may be damaged, or not be an audio or video file. "
        "Your file is kept; save it as WAV, MP3, M4A, Ogg, WebM or FLAC and upload that."
    )
    is_lasting = True


class NoAudioTrack(EngineError):
    """The container is fine and holds no sound."""

    code = "no_audio_track"
    message = "The file has no sound in it, only pictures or data. Upload a file that has an audio track."
    is_lasting = True


class TooLong(EngineError):
    """The recording is longer than this installation accepts."""

    code = "too_long"
    message = "The recording is longer than this service accepts. It is kept; split it and upload the parts."
    is_lasting = True


class ModelMissing(EngineError):
    """There are no weights for the engine."""

    code = "model_missing"
    message = (
        "The speech model is not installed on this service. Your recording is kept; "
        "ask the person who runs the service to install the model, then retry."
    )


class UnsupportedLanguage(EngineError):
    """The model in use does not know the requested language."""

    code = "unsupported_language"
    message = (
        "The speech model in use does not know this language. Your recording is kept; "
        "choose another language or let it be detected, then submit it again."
    )
    is_lasting = True


class StorageFull(EngineError):
    """The disk had no free space for the working copy."""

    code = "storage_full"
    message = "The disk is full, so the recording could not be prepared. It is kept, and will be tried again."
    retryable = True


class EngineCrashed(EngineError):
    """The child process ended by itself."""

    code = "engine_crashed"
    message = "The speech engine stopped unexpectedly. Your recording and the text so far are kept; try again."
    retryable = True


class EngineTimeout(EngineError):
    """The child process took longer than the request allowed."""

    code = "engine_timeout"
    message = "The speech engine took too long and was stopped. Your recording and the text so far are kept; try again."
    retryable = True


class EngineOutOfMemory(EngineError):
    """The child process hit its memory limit."""

    code = "out_of_memory"
    message = "The speech engine ran out of memory. Your recording and the text so far are kept; try again."
    retryable = True


ERRORS: dict[str, type[EngineError]] = {
    kind.code: kind
    for kind in (
        EngineError,
        EmptyFile,
        UnreadableMedia,
        NoAudioTrack,
        TooLong,
        ModelMissing,
        UnsupportedLanguage,
        StorageFull,
        EngineCrashed,
        EngineTimeout,
        EngineOutOfMemory,
    )
}


def build_error(code: str, detail: str) -> EngineError:
    """Return the error that a child process reported by its code."""
    return ERRORS.get(code, EngineError)(detail)
