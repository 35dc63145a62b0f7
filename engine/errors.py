"""The errors between a file and its text.

They are worded for people.
"""

from typing import ClassVar


class EngineError(Exception):
    """The engine could not do what was asked.

    A class is one row: all words of an error stand in it, and `make docs` writes docs/problems.md from it.
    `code` is stable and for programs, `message` is for people, `title` is a line in the history of a job,
    `advice` is for many failed jobs, `note` is for docs/problems.md, `retryable` says whether
    trying again without changing anything makes sense, `is_lasting` that the cause lies in the file or the request,
    so that the same job would fail in the same way whenever it is tried, `detail` is for the log, `retry_after` is
    how many seconds a service has asked to be left alone.
    """

    code: ClassVar[str] = "engine_error"
    title: ClassVar[str] = "the transcription could not be done"
    message: ClassVar[str] = "The transcription could not be done. Your recording is kept; try again."
    advice: ClassVar[str] = "Retry. If it happens again, tell whoever runs this server."
    note: ClassVar[str] = ""
    retryable: ClassVar[bool] = False
    is_lasting: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.message)
        self.detail = detail
        self.retry_after = retry_after


class EmptyFile(EngineError):
    """The file has no bytes, or its sound no samples."""

    code = "empty_file"
    title = "the file is empty"
    message = "The file is empty, so there is nothing to transcribe. Check the original and upload it again."
    advice = "Another try can't help, as there is nothing in the file. Check the original and upload it again."
    is_lasting = True


class UnreadableMedia(EngineError):
    """The bytes fit no allowed format, or no sound could be decoded."""

    code = "unreadable_media"
    title = "the file could not be read as audio"
    message = (
        "The file could not be read as sound. It may be damaged, or not be an audio or video file. "
        "Your file is kept; save it as WAV, MP3, M4A, Ogg, WebM or FLAC and upload that."
    )
    advice = (
        "Another try can't help, as the file is damaged or is no audio. Save it as WAV, MP3, M4A, Ogg, WebM or "
        "FLAC and upload that."
    )
    is_lasting = True


class NoAudioTrack(EngineError):
    """The container is fine and holds no sound."""

    code = "no_audio_track"
    title = "the file has no sound in it"
    message = "The file has no sound in it, only pictures or data. Upload a file that has an audio track."
    advice = "Another try can't help, as the file has no sound. Upload a file that has an audio track."
    is_lasting = True


class TooLong(EngineError):
    """The recording is longer than this installation accepts."""

    code = "too_long"
    title = "the recording is too long"
    message = "The recording is longer than this service accepts. It is kept; split it and upload the parts."
    advice = "Another try can't help. Split the recording and upload the parts, or ask for a higher limit."
    note = "The limit is `TRANSCRIBE_MAX_HOURS`."
    is_lasting = True


class ModelMissing(EngineError):
    """There are no weights for the engine."""

    code = "model_missing"
    title = "the speech model is missing"
    message = (
        "The speech model is not installed on this service. Your recording is kept; "
        "ask the person who runs the service to install the model, then retry."
    )
    advice = "Ask whoever runs this server to install the speech model, then retry."
    note = "The model is named by `TRANSCRIBE_MODEL`."


class UnsupportedLanguage(EngineError):
    """The model in use does not know the requested language."""

    code = "unsupported_language"
    title = "the model does not know the language"
    message = (
        "The speech model in use does not know this language. Your recording is kept; "
        "choose another language or let it be detected, then submit it again."
    )
    advice = "Another try can't help. Transcribe it again with another language, or let it be detected."
    note = "Leave the language out to have it detected."
    is_lasting = True


class StorageFull(EngineError):
    """The disk had no free space for the working copy."""

    code = "storage_full"
    title = "the disk of the server is full"
    message = "The disk is full, so the recording could not be prepared. It is kept, and will be tried again."
    advice = "Delete recordings you no longer need, or ask whoever runs this server to make room. Then retry."
    retryable = True


class EngineCrashed(EngineError):
    """The child process ended by itself."""

    code = "engine_crashed"
    title = "the speech engine stopped unexpectedly"
    message = "The speech engine stopped unexpectedly. Your recording and the text so far are kept; try again."
    advice = "Retry. If it happens again with the same recording, tell whoever runs this server."
    retryable = True


class EngineTimeout(EngineError):
    """The child process took longer than the request allowed."""

    code = "engine_timeout"
    title = "the speech engine took too long"
    message = "The speech engine took too long and was stopped. Your recording and the text so far are kept; try again."
    advice = "Retry at a time when the server has less to do."
    retryable = True


class EngineOutOfMemory(EngineError):
    """The child process hit its memory limit."""

    code = "out_of_memory"
    title = "the speech engine ran out of memory"
    message = "The speech engine ran out of memory. Your recording and the text so far are kept; try again."
    advice = "Retry when the server has less to do, or ask whoever runs it for more memory or a smaller model."
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
