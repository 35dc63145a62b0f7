"""Why jobs fail, in a few plain words, and what to do about it."""

from engine import ERRORS, EngineError
from jobs.errors import JobError

# A line in the history of a job and the heading of a group of failed ones.
ERROR_WORDS = {
    "audio_missing": "the audio file is gone from the server",
    "checksum_mismatch": "a piece was damaged on its way",
    "database_unavailable": "the database did not answer for too long",
    "disk_full": "the disk of the server is full",
    "empty_file": "the file is empty",
    "engine_crashed": "the speech engine stopped unexpectedly",
    "engine_error": "the transcription could not be done",
    "engine_timeout": "the speech engine took too long",
    "idempotency_key_invalid": "the key of the request was not valid",
    "idempotency_key_reused": "the key came with another request before",
    "job_deleted": "the job was deleted",
    "job_error": "something went wrong",
    "job_finished": "the job had already ended",
    "job_not_failed": "the job had not failed",
    "job_not_retryable": "the job had neither failed nor been cancelled",
    "lease_lost": "another worker took over",
    "model_missing": "the speech model is missing",
    "no_audio_track": "the file has no sound in it",
    "not_audio": "the file holds no sound",
    "other_person": "somebody else was signed in",
    "out_of_memory": "the speech engine ran out of memory",
    "parts_missing": "some of the recording had not arrived",
    "piece_too_large": "a piece was too large",
    "quota_exceeded": "the space or the hours of this account are used up",
    "recorder_protocol_unknown": "the recorder was of another version",
    "recording_closed": "the recording was finished already",
    "recording_empty": "nothing of the recording had arrived",
    "recording_not_joined": "the parts of the recording were being put together",
    "retry_pointless": "another try could not help",
    "state_changed": "the job changed in the meantime",
    "storage_full": "the disk of the server is full",
    "too_long": "the recording is too long",
    "unexpected_failure": "something unexpected went wrong",
    "unknown_format": "there is no such format",
    "unreadable_media": "the file could not be read as audio",
    "unsupported_language": "the model does not know the language",
    "upload_length_mismatch": "the length was not the one that was told",
    "upload_locked": "another request added to the same upload",
    "upload_offset_mismatch": "the request did not begin where the upload ended",
    "upload_silent": "nothing more of a piece came for a while",
    "too_many_streams": "too many streams of events were open",
    "upload_too_large": "the file is too large",
    "worker_lost": "the worker stopped without an answer several times",
    "working_copy_missing": "the decoded audio was lost",
}
# What helps, for the codes that jobs fail with. An error's own message speaks of one recording, this of many.
ADVICE = {
    "audio_missing": "Ask whoever runs this server to restore the audio from a backup, then retry. Or upload it again.",
    "database_unavailable": "Retry. If it happens again, tell whoever runs this server.",
    "disk_full": "Delete recordings you no longer need, or ask whoever runs this server to make room. Then retry.",
    "empty_file": "Another try can't help, as there is nothing in the file. Check the original and upload it again.",
    "engine_crashed": "Retry. If it happens again with the same recording, tell whoever runs this server.",
    "engine_error": "Retry. If it happens again, tell whoever runs this server.",
    "engine_timeout": "Retry at a time when the server has less to do.",
    "job_error": "Retry. If it happens again, tell whoever runs this server.",
    "model_missing": "Ask whoever runs this server to install the speech model, then retry.",
    "no_audio_track": "Another try can't help, as the file has no sound. Upload a file that has an audio track.",
    "out_of_memory": "Retry when the server has less to do, or ask whoever runs it for more memory or a smaller model.",
    "storage_full": "Delete recordings you no longer need, or ask whoever runs this server to make room. Then retry.",
    "too_long": "Another try can't help. Split the recording and upload the parts, or ask for a higher limit.",
    "unexpected_failure": "Retry. If it happens again, ask whoever runs this server to look at its log.",
    "unreadable_media": (
        "Another try can't help, as the file is damaged or is no audio. "
        "Save it as WAV, MP3, M4A, Ogg, WebM or FLAC and upload that."
    ),
    "unsupported_language": "Another try can't help. Transcribe it again with another language, or let it be detected.",
    "worker_lost": "Retry. If it happens again with the same recording, ask whoever runs this server to look at its log.",
    "working_copy_missing": "Retry. The recording is decoded anew, and what was transcribed is kept.",
}
ERROR_KINDS: tuple[type[EngineError] | type[JobError], ...] = (*ERRORS.values(), *JobError.__subclasses__())
LASTING_ERRORS = frozenset(kind.code for kind in ERROR_KINDS if kind.is_lasting)


def is_lasting_error(code: str) -> bool:
    """Tell whether another try of the same job must fail with `code` too: the cause lies in the file or the request."""
    return code in LASTING_ERRORS


def describe_code(code: str) -> str:
    """Return what a code means as a heading; one of another version gets the words for any error."""
    words = ERROR_WORDS.get(code, ERROR_WORDS[JobError.code])
    return words[0].upper() + words[1:]


def advise(code: str) -> str:
    """Return what to do about jobs that failed with `code`."""
    return ADVICE.get(code, ADVICE[JobError.code])
