"""Sounds and plans of chunks, made on the spot."""

import hashlib
import io
import wave

from django.core.files.uploadedfile import SimpleUploadedFile

from engine import ChunkPlan, MediaInfo, Preparation, Span
from engine.recognition.fake import MARKERS

SAMPLE_RATE = 16_000
# A quiet saw-tooth: loud enough to be speech to the fake engine, which needs no words.
TOOTH = bytes(range(64))


def make_tone(seconds):
    length = int(seconds * SAMPLE_RATE) * 2
    return (TOOTH * (length // len(TOOTH) + 1))[:length]


def make_silence(seconds):
    return bytes(int(seconds * SAMPLE_RATE) * 2)


def make_fault(name):
    """A second of sound at which the fake engine fails.

    `name` is the way in which it does.
    """
    return MARKERS[name] + make_tone(1)[len(MARKERS[name]) :]


def make_parts(number, seconds=2.0):
    """Sound that becomes `number` chunks with speech.

    Pauses of 11 s are chunks of their own.
    """
    return make_silence(11).join([make_tone(seconds)] * number)


def wrap_wav(samples):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples)
    return buffer.getvalue()


def build_wav(seconds):
    return wrap_wav(make_tone(seconds))


def build_upload(content, name="speech.wav"):
    upload = SimpleUploadedFile(name, content)
    upload.sha256 = hashlib.sha256(content).hexdigest()
    return upload


def plan_chunks(number, seconds=10.0, silent=()):
    return tuple(
        ChunkPlan(
            index=index,
            start=index * seconds,
            end=(index + 1) * seconds,
            offset=44 + int(index * seconds * SAMPLE_RATE) * 2,
            length=int(seconds * SAMPLE_RATE) * 2,
            speech=() if index in silent else (Span(index * seconds, (index + 1) * seconds),),
        )
        for index in range(number)
    )


def build_preparation(number, seconds=10.0, silent=(), truncated=False, lost_seconds=0.0):
    """The engine's answer for a recording of `number` chunks.

    Each has `seconds`.
    """
    return Preparation(
        media=MediaInfo("wav", "pcm_s16le", "audio/wav", SAMPLE_RATE, 1, number * seconds),
        seconds=number * seconds,
        lost_seconds=lost_seconds,
        truncated=truncated,
        chunks=plan_chunks(number, seconds, silent),
        language="en",
        language_probability=0.9,
        peaks=(50,),
    )
