"""A chunk's text, without invented words."""

from dataclasses import replace

import numpy as np
import pytest

from engine import ChunkPlan, EngineConfig, Segment, Span
from engine.messages import TranscribeRequest
from engine.recognition.fake import FakeRecogniser
from engine.speech.chunking import FRAME
from engine.speech.silence import SilenceCheck
from engine.transcription import mark_silence, transcribe_chunk
from engine.types import RawSegment
from tests.engine.sounds import RATE, ignore, make_tone, write_wav


class Inventor(FakeRecogniser):
    """Adds what decoders add to silence."""

    def recognise(self, windows, language, report):
        invented = RawSegment(0.0, 1.0, " Thank you for watching", (), -1.4, 0.9, 1.0)
        for recognition in super().recognise(windows, language, report):
            yield replace(recognition, segments=(*recognition.segments, invented))


def transcribe(tmp_path, recogniser):
    write_wav(tmp_path / "copy.wav", make_tone(2))
    chunk = ChunkPlan(0, 0.0, 2.0, 44, 64_000, (Span(0.0, 2.0),))
    request = TranscribeRequest(tmp_path / "copy.wav", chunk, "en", 9.0)
    return transcribe_chunk(request, recogniser(EngineConfig(engine="fake")), ignore)


def test_invented_text_is_left_out(tmp_path):  # pains T1
    assert transcribe(tmp_path, Inventor).segments == transcribe(tmp_path, FakeRecogniser).segments


def test_the_time_it_took_is_measured(tmp_path):
    assert 0 < transcribe(tmp_path, FakeRecogniser).compute_seconds < 5


class Silence:
    """A detector that hears no speech."""

    def add(self, samples):
        self.frames = -(-len(samples) // FRAME)

    def finish(self):
        return np.zeros(self.frames, np.float32)


class Dreamer(FakeRecogniser):
    """Writes words where its own detector hears no speech."""

    def build_detector(self):
        return Silence()


@pytest.mark.parametrize(
    ("no_speech", "confidence", "flags"),
    [(0.4, 0.9, ("text_in_silence",)), (0.39, 0.59, ("text_in_silence",)), (0.39, 0.6, ()), (0.0, 0.9, ())],
)
def test_text_where_nobody_speaks_is_marked_unless_the_model_was_sure_of_speech(no_speech, confidence, flags):  # T1
    segment = Segment(0.0, 1.0, "Hello", confidence)
    raw = RawSegment(0.0, 1.0, "Hello", (), -0.1, no_speech, 1.0)
    check = SilenceCheck(Dreamer(EngineConfig(engine="fake")).build_detector, np.zeros(RATE, np.int16), 0.0)
    assert mark_silence(segment, raw, check).flags == flags
