"""Answer one request after the other inside the child process."""

import errno
from collections.abc import Callable

from engine.codec import to_dict
from engine.errors import EngineError, EngineOutOfMemory, StorageFull
from engine.media.remuxing import join_parts
from engine.media.wav import MAX_SECONDS, SAMPLE_BYTES, SAMPLE_RATE
from engine.messages import Answer, Failure, JoinRequest, PrepareRequest, Progress, Request, Result
from engine.pipe.limits import restrict_request
from engine.preparation import prepare_recording
from engine.recognition.fake import FakeRecogniser
from engine.recognition.recogniser import Recogniser
from engine.transcription import transcribe_chunk
from engine.types import ChunkTranscript, EngineConfig, JoinedFile, Preparation

Send = Callable[[Answer], None]
# The worker's clock decides; processor time is for a child whose worker has been stopped.
PROCESSOR_MARGIN = 2.0
# What an index adds, and a codec that is not as sparing as that of the parts.
JOIN_SPARE_BYTES, JOIN_FACTOR = 64 * 1024 * 1024, 4
STORAGE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def build_recogniser(config: EngineConfig) -> Recogniser:
    """Return the configured engine before its model is loaded."""
    if config.engine == "fake":
        return FakeRecogniser(config)
    # Only here, so that the fake engine starts without the weight of the real one.
    from engine.recognition.whisper import WhisperRecogniser  # noqa: PLC0415

    return WhisperRecogniser(config)


def answer_request(request: Request, recogniser: Recogniser, config: EngineConfig, send: Send) -> None:
    """Answer a request with progress and a result or failure.

    What is no EngineError, no lack of memory and no full disk is a bug: it ends the child, and the worker reports a
    crash with the traceback from stderr.
    """
    restrict_request(request.timeout * PROCESSOR_MARGIN * config.threads, count_file_bytes(request))
    try:
        value = to_dict(run_request(request, recogniser, lambda seconds: send(Progress(seconds))))
    except EngineError as error:
        send(Failure(error.code, error.detail))
    except MemoryError as error:
        send(Failure(EngineOutOfMemory.code, str(error)))
    except OSError as error:
        if error.errno not in STORAGE_ERRORS:
            raise
        send(Failure(StorageFull.code, str(error)))
    else:
        send(Result(value))


def run_request(
    request: Request, recogniser: Recogniser, report: Callable[[float], None]
) -> JoinedFile | Preparation | ChunkTranscript:
    """Do one request and return its result."""
    if isinstance(request, JoinRequest):
        return join_parts(request, report)
    if isinstance(request, PrepareRequest):
        return prepare_recording(request, recogniser, report)
    return transcribe_chunk(request, recogniser, report)


def count_file_bytes(request: Request) -> int:
    """Return how many bytes the request may write."""
    if isinstance(request, PrepareRequest):
        return int(min(request.max_seconds + 60, MAX_SECONDS) * SAMPLE_RATE * SAMPLE_BYTES)
    if isinstance(request, JoinRequest):
        return JOIN_SPARE_BYTES + JOIN_FACTOR * sum(part.stat().st_size for part in request.parts)
    return 0
