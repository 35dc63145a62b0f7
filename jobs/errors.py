"""What can go wrong with recordings and jobs: each error has a code, plain words, and knows whether to retry."""

from typing import ClassVar


class JobError(Exception):
    """Base of all errors of this app.

    A class is one row: all words of an error stand in it, and `make docs` writes docs/problems.md from it.
    `code` is stable; `message` says what happened, what was kept and what to do; `title` is a line in the history of
    a job; `advice` says what helps many failed jobs; `note` is for programs, in docs/problems.md; `status` is the HTTP status an API answers with; `retryable` tells whether trying again by itself makes sense;
    `is_lasting` that the cause lies in the file or the request, so that the same job would always fail in the same way;
    `retry_after` how many seconds whoever refused has asked to be left alone.
    """

    code: ClassVar[str] = "job_error"
    title: ClassVar[str] = "something went wrong"
    message: ClassVar[str] = "Something went wrong with this job. Your recording is kept. Try again."
    advice: ClassVar[str] = "Retry. If it happens again, tell whoever runs this server."
    note: ClassVar[str] = ""
    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False
    is_lasting: ClassVar[bool] = False

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message or self.message)
        self.retry_after = retry_after


class JobFinished(JobError):
    """The job has ended in a way that does not allow this."""

    code = "job_finished"
    title = "the job had already ended"
    message = "This job has already ended, so it can't be cancelled."
    status = 409


class JobNotRetryable(JobError):
    """Only failed and cancelled jobs can be retried."""

    code = "job_not_retryable"
    title = "the job had neither failed nor been cancelled"
    message = "Only a failed or cancelled job can be tried again."
    status = 409


class JobNotFailed(JobError):
    """Only failed jobs can be dismissed, or put back."""

    code = "job_not_failed"
    title = "the job had not failed"
    message = "Only a failed job can be dismissed or put back."
    status = 409


class RetryPointless(JobError):
    """All jobs of a kind were to be tried again that must fail in the same way."""

    code = "retry_pointless"
    title = "another try could not help"
    message = "The cause lies in these files, so trying all of them again can't help. Single ones can still be retried."
    note = "Name single jobs by their ids, or upload other files."
    status = 409


class StateChanged(JobError):
    """Somebody else changed the job's state first."""

    code = "state_changed"
    title = "the job changed in the meantime"
    message = "This job changed in the meantime. Look at it again before you go on."
    status = 409


class DiskFull(JobError):
    """Less space is left than TRANSCRIBE_MIN_FREE_MB."""

    code = "disk_full"
    title = "the disk of the server is full"
    message = (
        "There is too little space left on the server, so nothing new is accepted. "
        "Existing recordings are kept. Delete some, or ask the owner to make room."
    )
    advice = "Delete recordings you no longer need, or ask whoever runs this server to make room. Then retry."
    note = "Less space is free than `TRANSCRIBE_MIN_FREE_MB`."
    status = 507
    retryable = True


class UploadTooLarge(JobError):
    """The file is larger than TRANSCRIBE_MAX_UPLOAD_MB."""

    code = "upload_too_large"
    title = "the file is too large"
    message = "This file is larger than this server accepts."
    note = "The limit is `TRANSCRIBE_MAX_UPLOAD_MB`."
    status = 413


class EmptyUpload(JobError):
    """The file has no bytes."""

    code = "empty_file"
    title = "the file is empty"
    message = "This file is empty. Choose another, or record again."
    advice = "Another try can't help, as there is nothing in the file. Check the original and upload it again."
    status = 400
    is_lasting = True


class QuotaExceeded(JobError):
    """The person keeps as much here as TRANSCRIBE_QUOTA_GB or TRANSCRIBE_QUOTA_HOURS allow."""

    code = "quota_exceeded"
    title = "the space or the hours of this account are used up"
    message = (
        "You have used up the space or the hours that you may keep on this server. What is here is kept. "
        "Delete what you no longer need, or ask the owner for more."
    )
    note = "The limits are `TRANSCRIBE_QUOTA_GB` and `TRANSCRIBE_QUOTA_HOURS`."
    status = 413


class NotAudio(JobError):
    """The first bytes are those of something that holds no sound."""

    code = "not_audio"
    title = "the file holds no sound"
    message = "This is a document, a picture or a program, not audio or video. Choose a file with sound in it."
    status = 415
    is_lasting = True


class UploadLocked(JobError):
    """Another request is adding to the same upload."""

    code = "upload_locked"
    title = "another request added to the same upload"
    message = "Another request is still adding to this upload. Try again in a few seconds."
    status = 423
    retryable = True


class UploadSilent(JobError):
    """Nothing came for long of a piece that is not whole."""

    code = "upload_silent"
    title = "nothing more of a piece came for a while"
    message = "Nothing more of this piece came for a while. Ask with HEAD how far the upload is, and go on from there."
    note = "Nothing came for 20 seconds. What is here is kept; of a piece with a checksum nothing is."
    status = 408
    retryable = True


class UploadOffsetMismatch(JobError):
    """A request does not begin where the upload ends."""

    code = "upload_offset_mismatch"
    title = "the request did not begin where the upload ended"
    message = "This request does not begin where the upload ends. Ask with HEAD how far it is, and go on from there."
    note = "`offset`, and the header `Upload-Offset`, say where the upload ends."
    status = 409


class UploadLengthMismatch(JobError):
    """More bytes came than were announced, or another length was told before."""

    code = "upload_length_mismatch"
    title = "the length was not the one that was told"
    message = "This does not fit the length that was told for this upload. What is here so far is kept."
    status = 400


class ChecksumMismatch(JobError):
    """A piece is not the one its sender made the checksum of."""

    code = "checksum_mismatch"
    title = "a piece was damaged on its way"
    message = "This piece was damaged on its way and is not kept. Send it again."
    note = "The checksum is that of `Upload-Checksum`."
    status = 460
    retryable = True


class PieceTooLarge(JobError):
    """A piece with a checksum is too large to be kept in memory."""

    code = "piece_too_large"
    title = "a piece was too large"
    message = "A piece with a checksum may have 16 MiB. Send smaller ones, or leave the checksum out."
    status = 413


class RecordingClosed(JobError):
    """A recording, a part of one or an upload that is finished was to be added to."""

    code = "recording_closed"
    title = "the recording was finished already"
    message = "This recording is finished already, so nothing can be added to it."
    note = "Bytes that came are not kept. Open a new recording for the rest."
    status = 409


class RecordingEmpty(JobError):
    """There is nothing to finish."""

    code = "recording_empty"
    title = "nothing of the recording had arrived"
    message = "Nothing of this recording has arrived yet, so there is nothing to finish."
    note = "Send its parts, or delete it."
    status = 409


class PartsMissing(JobError):
    """A recording was to be finished of which something is still on its way."""

    code = "parts_missing"
    title = "some of the recording had not arrived"
    message = "Some of this recording has not arrived yet. What is here is kept; send the rest and finish it then."
    note = "The message names the parts."
    status = 409
    retryable = True


class RecorderProtocolUnknown(JobError):
    """A recorder speaks a protocol that this server does not."""

    code = "recorder_protocol_unknown"
    title = "the recorder was of another version"
    message = "This recorder is of a version that the server does not understand. Your audio is kept; reload the page."
    note = "`X-Recorder-Protocol` names a version that the server does not know."
    status = 409


class OtherPerson(JobError):
    """Somebody else is signed in than the one whom the page was sending for."""

    code = "other_person"
    title = "somebody else was signed in"
    message = "Somebody else is signed in. What was to be sent is kept, and goes on once its owner has signed in again."
    note = "`X-Person` names another person than the one signed in. Nothing was stored or shown."
    status = 409


class RecordingNotJoined(JobError):
    """The parts of a recording are not one file yet."""

    code = "recording_not_joined"
    title = "the parts of the recording were being put together"
    message = "The parts of this recording are being put together. Try again in a moment."
    status = 409
    retryable = True


class UnsupportedLanguage(JobError):
    """The language is not one that the model knows."""

    code = "unsupported_language"
    title = "the model does not know the language"
    message = "The model in use does not know this language. Leave it out to have it detected."
    advice = "Another try can't help. Transcribe it again with another language, or let it be detected."
    status = 400
    is_lasting = True


class UnknownFormat(JobError):
    """A transcript was asked for in a format that does not exist."""

    code = "unknown_format"
    title = "there is no such format"
    message = "A transcript comes as json, txt, srt or vtt."
    status = 400


class IdempotencyKeyInvalid(JobError):
    """The header Idempotency-Key is empty, too long, or not printable ASCII."""

    code = "idempotency_key_invalid"
    title = "the key of the request was not valid"
    message = "An Idempotency-Key has 1 to 255 characters of printable ASCII. A UUID is a good one."
    status = 400


class IdempotencyKeyReused(JobError):
    """The same key came with another request before."""

    code = "idempotency_key_reused"
    title = "the key came with another request before"
    message = "This Idempotency-Key was sent with something else before. Make a new key for each submission."
    note = "Keys are kept for 24 hours."
    status = 409


class JobDeleted(JobError):
    """The job that this request has made was deleted since."""

    code = "job_deleted"
    title = "the job was deleted"
    message = (
        "What you sent under this Idempotency-Key became a job that was deleted since. To send it anew, make a new key."
    )
    status = 410


class AudioMissing(JobError):
    """The stored file of a recording is gone."""

    code = "audio_missing"
    title = "the audio file is gone from the server"
    message = "The audio file of this recording is missing on the server. Restore it from a backup, or upload it again."
    advice = "Ask whoever runs this server to restore the audio from a backup, then retry. Or upload it again."
    status = 404


class WorkingCopyMissing(JobError):
    """The decoded audio that chunks are read from is gone."""

    code = "working_copy_missing"
    title = "the decoded audio was lost"
    message = "The decoded audio was lost on the server. Your recording and the text so far are kept. Try again."
    advice = "Retry. The recording is decoded anew, and what was transcribed is kept."
    status = 500
    retryable = False


class DatabaseUnavailable(JobError):
    """The database did not answer for too long."""

    code = "database_unavailable"
    title = "the database did not answer for too long"
    message = "The database does not answer at the moment. What was accepted is kept; try again in a minute."
    advice = "Retry. If it happens again, tell whoever runs this server."
    status = 503
    retryable = True


class TooManyStreams(JobError):
    """One person has opened more streams than a few browsers need."""

    code = "too_many_streams"
    title = "too many streams of events were open"
    message = "Too many streams of events are open for you already. Close some, or ask for the jobs now and then."
    status = 429


class WorkerLost(JobError):
    """A step's worker died or went silent each time it was tried."""

    code = "worker_lost"
    title = "the worker stopped without an answer several times"
    message = (
        "The program that worked on this stopped without an answer several times. "
        "Your recording and the text so far are kept. Try again; if it happens again, look at the server's log."
    )
    advice = "Retry. If it happens again with the same recording, ask whoever runs this server to look at its log."
    status = 500


class UnexpectedFailure(JobError):
    """An error that nobody foresaw."""

    code = "unexpected_failure"
    title = "something unexpected went wrong"
    message = (
        "Something unexpected went wrong on the server. Your recording and the text so far are kept. "
        "Try again; if it happens again, look at the server's log."
    )
    advice = "Retry. If it happens again, ask whoever runs this server to look at its log."
    status = 500
    retryable = True
