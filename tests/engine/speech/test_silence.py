"""Text without speech is noticed by listening once more."""

import numpy as np
import pytest

from engine import EngineConfig, FakeBehaviour
from engine.recognition.fake import FakeRecogniser
from engine.speech.chunking import FRAME
from engine.speech.silence import SilenceCheck
from tests.engine.sounds import RATE, make_tone

START = 100.0


def listen(*, faults=()):
    """Return the check of ten seconds, of which the fifth sounds."""
    samples = np.concatenate((np.zeros(4 * RATE, np.int16), make_tone(1), np.zeros(5 * RATE, np.int16)))
    config = EngineConfig(engine="fake", fake=FakeBehaviour(faults=faults))
    return SilenceCheck(FakeRecogniser(config).build_detector, samples, START)


@pytest.mark.parametrize(
    ("start", "end", "is_silent"),
    [
        (100.0, 103.5, True),
        (104.0, 105.0, False),
        (104.4, 104.5, False),
        (103.5, 105.5, False),
        (105.5, 110.0, True),
        (99.0, 101.0, True),
        (109.0, 130.0, True),
    ],
)
def test_a_place_is_silent_where_nothing_sounds(start, end, is_silent):  # pains T1
    assert listen().is_silent(start, end) == is_silent


def test_a_moment_shorter_than_a_frame_is_judged_by_its_frame():
    check = listen()
    assert (check.is_silent(102.0, 102.0), check.is_silent(104.5, 104.5)) == (True, False)


def test_a_place_after_the_chunk_is_not_called_silent():
    assert listen().is_silent(110.0 + FRAME / RATE, 112.0) is False


def test_a_chunk_without_sound_to_judge_is_not_called_silent():
    check = SilenceCheck(FakeRecogniser(EngineConfig(engine="fake")).build_detector, np.zeros(0, np.int16), START)
    assert check.is_silent(100.0, 101.0) is False


def test_nothing_is_listened_to_before_somebody_asks():
    check = listen(faults=((-1, "stop"),))
    with pytest.raises(RuntimeError):
        check.is_silent(100.0, 101.0)


def test_only_the_place_and_the_two_seconds_before_it_are_listened_to(monkeypatch):
    heard = []
    build = FakeRecogniser.build_detector

    def build_and_watch(self):
        detector = build(self)
        add = detector.add
        monkeypatch.setattr(detector, "add", lambda samples: heard.append(len(samples) / RATE) or add(samples))
        return detector

    monkeypatch.setattr(FakeRecogniser, "build_detector", build_and_watch)
    listen().is_silent(108.0, 109.0)
    assert heard[0] == pytest.approx(3.1, abs=0.1)
