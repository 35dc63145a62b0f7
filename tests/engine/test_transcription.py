"""A chunk's text, without what nobody said."""

from engine import ChunkPlan, EngineConfig, Span
from engine.fake import FakeRecogniser
from engine.protocol import TranscribeRequest
from engine.recogniser import RawSegment
from engine.transcription import transcribe_chunk
from tests.engine.sounds import ignore, make_tone, write_wav


class Inventor(FakeRecogniser):
    """Adds what decoders add to silence."""

    def recognise(self, window, language):
        yield from super().recognise(window, language)
        yield RawSegment(0.0, 1.0, " Thank you for watching", (), -1.4, 0.9, 1.0)


def transcribe(tmp_path, recogniser):
    write_wav(tmp_path / "copy.wav", make_tone(2))
    chunk = ChunkPlan(0, 0.0, 2.0, 44, 64_000, (Span(0.0, 2.0),))
    request = TranscribeRequest(tmp_path / "copy.wav", chunk, "en", 9.0)
    return transcribe_chunk(request, recogniser(EngineConfig(engine="fake")), ignore)


def test_invented_text_is_left_out(tmp_path):  # pains T1
    assert transcribe(tmp_path, Inventor).segments == transcribe(tmp_path, FakeRecogniser).segments


def test_the_time_it_took_is_measured(tmp_path):
    assert 0 < transcribe(tmp_path, FakeRecogniser).compute_seconds < 5
