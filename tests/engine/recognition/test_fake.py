"""The fake engine fails as it is configured."""

import os
import signal
import time

import numpy as np
import pytest

from engine import EngineConfig, FakeBehaviour, Span, UnreadableMedia
from engine.recognition.fake import FAULTS, MARKERS, FakeRecogniser, LoudnessDetector
from engine.speech.timeline import SpeechWindow
from tests.engine.sounds import ignore, make_tone

CONFIG = EngineConfig(engine="fake")


def recognise(samples, config=CONFIG, start=10.0):
    window = SpeechWindow(samples, (Span(start, start + len(samples) / 16_000),))
    found = FakeRecogniser(config).recognise([window], None, ignore)
    return [segment for recognition in found for segment in recognition.segments]


def test_each_whole_second_is_named_once():
    assert [segment.text.lstrip(" abcdefghijklmnopqrstuvwxyz") for segment in recognise(make_tone(3))] == [
        "10",
        "11",
        "12",
    ]


def test_a_second_belongs_to_the_chunk_in_which_it_begins():
    assert [segment.text[-2:] for segment in recognise(make_tone(1.5), start=9.5)] == ["10"]


def test_the_same_bytes_give_the_same_text():
    assert recognise(make_tone(3)) == recognise(make_tone(3))


def test_other_bytes_give_other_text():
    assert recognise(make_tone(9)) != recognise(make_tone(9, frequency=300.5))


@pytest.mark.parametrize(
    ("name", "error"), [("fail", UnreadableMedia), ("memory", MemoryError), ("stop", RuntimeError)]
)
def test_a_marker_in_the_sound_raises_its_error(name, error):
    samples = np.concatenate((make_tone(1), np.frombuffer(MARKERS[name], np.int16)))
    with pytest.raises(error):
        recognise(samples)


def test_a_fault_waits_for_its_second():
    behaviour = FakeBehaviour(faults=((11, "fail"),))
    assert len(recognise(make_tone(1), EngineConfig(engine="fake", fake=behaviour))) == 1
    with pytest.raises(UnreadableMedia):
        recognise(make_tone(2), EngineConfig(engine="fake", fake=behaviour))


def test_a_crash_is_a_signal_to_itself(monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda *call: sent.append(call))
    FAULTS["crash"]()
    assert sent == [(os.getpid(), signal.SIGSEGV)]


def test_a_hang_never_returns(monkeypatch):
    naps = iter([None, None, KeyboardInterrupt])

    def nap(seconds):
        if (ending := next(naps)) is not None:
            raise ending

    monkeypatch.setattr(time, "sleep", nap)
    with pytest.raises(KeyboardInterrupt):
        FAULTS["hang"]()


def test_loudness_is_judged_whatever_the_blocks():
    samples = np.concatenate((make_tone(1), np.zeros(16_100, np.int16)))
    detector = LoudnessDetector()
    for start in range(0, len(samples), 700):
        detector.add(samples[start : start + 700])
    np.testing.assert_array_equal(detector.finish(), [1.0] * 32 + [0.0] * 31)
