"""What crosses the pipe comes out as it went in."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from engine import (
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
    from_dict,
    to_dict,
)
from engine.messages import (
    MAX_REQUEST_BYTES,
    Failure,
    PrepareRequest,
    Progress,
    ProtocolError,
    Result,
    TranscribeRequest,
    decode_answer,
    decode_request,
    encode,
)

SEGMENT = Segment(0.0, 1.0, "Hi", 0.9, (Word(0.0, 1.0, " Hi", 0.9),))
CHUNK = ChunkPlan(0, 0.0, 2.0, 44, 64_000, (Span(0.5, 1.5),))
MEDIA = MediaInfo("wav", "pcm_s16le", "audio/wav", 16_000, 1, None)
MODEL = ModelInfo("base", Path("/models/base"), "d0", ("en", "de"))
VALUES = [
    SEGMENT,
    CHUNK,
    MEDIA,
    MODEL,
    Preparation(MEDIA, 2.0, None, True, (CHUNK,), "en", 0.9, (0, 100)),
    ChunkTranscript(0, (SEGMENT,), "en", None, 0.1),
    Transcript((SEGMENT,), 2.0, None, None, 0.9),
    EngineConfig(model=MODEL, fake=FakeBehaviour(0.5, 0.0, ((3, "crash"),))),
]
REQUESTS = [
    PrepareRequest(Path("/a"), Path("/b"), None, 60.0, 9.0),
    TranscribeRequest(Path("/b"), CHUNK, "en", 9.0),
]
ANSWERS = [Progress(1.5), Result({"index": 0}), Failure("too_long", "3 h")]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_json(value):
    assert from_dict(type(value), json.loads(json.dumps(to_dict(value)))) == value


def test_a_missing_field_takes_its_default():
    assert from_dict(EngineConfig, {"engine": "fake"}) == EngineConfig(engine="fake")


def test_a_missing_field_without_default_is_an_error():
    with pytest.raises(TypeError):
        from_dict(Span, {"start": 0.0})


def test_whole_numbers_become_floats_where_seconds_are_meant():
    assert isinstance(from_dict(Span, {"start": 1, "end": 2}).start, float)


def test_values_cannot_be_changed():
    with pytest.raises(AttributeError):
        SEGMENT.text = "Bye"
    assert [field.name for field in fields(SEGMENT)] == ["start", "end", "text", "confidence", "words", "flags"]


def test_a_plan_knows_its_seconds():
    assert (CHUNK.seconds, CHUNK.speech[0].seconds) == (2.0, 1.0)


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_one_line_that_can_be_read_back(request_):
    line = encode(request_)
    assert (line.count(b"\n"), decode_request(line)) == (1, request_)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_one_line_that_can_be_read_back(answer):
    line = encode(answer)
    assert (line.count(b"\n"), decode_answer(line)) == (1, answer)


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"null", b"{}", b'{"kind":"result"}', b'{"kind":"prepare"}', b"\xff"]
)
def test_what_is_no_answer_is_refused(line):
    with pytest.raises(ProtocolError):
        decode_answer(line)


def test_a_request_that_would_not_fit_the_pipe_is_refused():
    speech = tuple(Span(float(index), index + 0.5) for index in range(MAX_REQUEST_BYTES // 20))
    with pytest.raises(ProtocolError, match="too long"):
        encode(TranscribeRequest(Path("/b"), ChunkPlan(0, 0, 60, 44, 1, speech), None, 9.0))
