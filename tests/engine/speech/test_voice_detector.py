"""Silero hears people, and nothing else."""

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from engine.speech.chunking import find_speech
from engine.speech.voice_detector import SileroDetector
from tests.engine.sounds import make_tone, read_speech

RATE = 16_000
NOISE = np.random.default_rng(7)
SOUNDS = {
    "silence": np.zeros(40 * RATE, np.int16),
    "quiet noise": NOISE.normal(0, 300, 40 * RATE).astype(np.int16),
    "loud noise": NOISE.normal(0, 9000, 40 * RATE).clip(-32768, 32767).astype(np.int16),
    "tone": make_tone(40),
    "chord": sum(make_tone(40, frequency=pitch, loudness=0.2) for pitch in (220, 277, 330)),
}


def judge(samples, block=4096):
    detector = SileroDetector()
    for start in range(0, len(samples), block):
        detector.add(samples[start : start + block])
    return detector.finish()


@pytest.mark.parametrize("name", SOUNDS)
def test_what_nobody_says_is_no_speech(name):  # pains T1
    assert find_speech(judge(SOUNDS[name]), len(SOUNDS[name])) == []


def test_speech_is_found_behind_silence():  # pains T3
    samples = np.concatenate((np.zeros(35 * RATE, np.int16), read_speech("beckett.wav")))
    start, end = find_speech(judge(samples), len(samples))[0]
    assert 34.5 < start / RATE < 37
    assert end / RATE > 36


@pytest.mark.parametrize("block", [1000, 4096, 480_000])
def test_blocks_give_what_the_whole_gives(block):
    samples = read_speech("two_cities.wav")
    whole = get_vad_model()(np.pad(samples / np.float32(32768), (0, -len(samples) % 512)).astype(np.float32))
    np.testing.assert_allclose(judge(samples, block), whole.ravel(), atol=1e-5)


def test_no_sound_has_no_probabilities():
    assert len(SileroDetector().finish()) == 0
