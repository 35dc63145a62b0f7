"""A recording that is too quiet or clipped is flagged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.speech.levels import FRAME, LevelMeter
from tests.engine.sounds import RATE, make_tone

SHOUT = np.clip(make_tone(2, loudness=0.9).astype(np.int32) * 3, -32768, 32767).astype(np.int16)


def measure(*blocks):
    meter = LevelMeter()
    for block in blocks:
        meter.add(block)
    return meter.find_flags([(0, sum(len(block) for block in blocks))])


def make_frames(loudness, count):
    return np.full(count * FRAME, round(loudness * 32768), np.int16)


def test_speech_of_a_usual_level_has_no_flag():
    assert measure(make_tone(2)) == ()


def test_peaks_at_the_edge_are_clipped():
    assert measure(SHOUT) == ("clipped",)


def test_the_lowest_sample_is_as_loud_as_the_highest():
    assert measure(np.full(FRAME, -32768, np.int16)) == ("clipped",)


@pytest.mark.parametrize(("loudness", "flags"), [(0.005, ("quiet",)), (0.006, ())])
def test_below_minus_45_decibels_is_quiet(loudness, flags):
    assert measure(make_tone(2, loudness=loudness)) == flags


@pytest.mark.parametrize(("clipped", "flags"), [(5, ()), (6, ("clipped",))])
def test_more_than_five_frames_of_a_hundred_must_be_clipped(clipped, flags):
    assert measure(make_frames(0.5, 100 - clipped), make_frames(0.999, clipped)) == flags


def test_a_single_sample_at_the_edge_is_a_peak_and_not_cut_off():
    samples = make_frames(0.5, 10)
    samples[::FRAME] = 32767
    assert measure(samples) == ()


@pytest.mark.parametrize(("loud", "flags"), [(4, ("quiet",)), (6, ())])
def test_a_few_loud_knocks_do_not_make_quiet_speech_loud(loud, flags):
    assert measure(make_frames(0.002, 100 - loud), make_frames(0.3, loud)) == flags


@pytest.mark.parametrize(("start", "flags"), [(0, ("quiet",)), (50, ("clipped",)), (100, ())])
def test_only_the_frames_of_speech_are_judged(start, flags):
    meter = LevelMeter()
    for loudness in (0.001, 0.9999, 0.3):
        meter.add(make_frames(loudness, 50))
    assert meter.find_flags([(start * FRAME, (start + 50) * FRAME)]) == flags


def test_a_recording_without_speech_has_no_level():
    meter = LevelMeter()
    meter.add(make_frames(0.001, 50))
    assert meter.find_flags([]) == ()


@pytest.mark.parametrize("blocks", [[], [np.zeros(0, np.int16)], [make_frames(0.001, 1)[:-1]]])
def test_less_than_a_frame_tells_nothing(blocks):
    assert measure(*blocks) == ()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2 * RATE), max_size=8), st.sampled_from([0.001, 0.1, 3.0]))
def test_blocks_of_any_length_give_the_same_levels(cuts, gain):
    samples = np.clip(make_tone(2).astype(np.float64) * gain / 0.3, -32768, 32767).astype(np.int16)
    assert measure(*np.split(samples, sorted(cuts))) == measure(samples)
