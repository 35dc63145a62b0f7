"""Mixing, noise and recordings joined from clips."""

import numpy as np
import pytest

from benchmarks.speech.clips import Clip, assemble, drop_unfit, stretch_pauses
from benchmarks.speech.waveforms import RATE, make_noise, make_silence, measure_level, mix, read_sound, write_sound
from benchmarks.words.bad_sound import change_tempo


def make_tone(seconds, loudness=0.1):
    return (loudness * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def make_clips(*texts):
    return [Clip(make_tone(1 + number / 10), text) for number, text in enumerate(texts)]


@pytest.mark.parametrize("ratio", [20, 10, 0])
def test_mixing_keeps_the_ratio_whatever_the_pauses(ratio):
    speech = np.concatenate([make_tone(1), make_silence(3)])
    noise = make_noise(RATE, 0, np.random.default_rng(1))
    added = mix(speech, noise, ratio) - speech
    assert 20 * np.log10(measure_level(speech) / measure_level(added)) == pytest.approx(ratio, abs=0.1)


def test_mixing_never_clips():
    assert np.abs(mix(make_tone(1, 0.9), make_tone(1, 0.9), -10)).max() <= 1


@pytest.mark.parametrize(("exponent", "decibels"), [(0, 0), (1, -10), (2, -20)])
def test_noise_falls_with_frequency(exponent, decibels):
    power = np.abs(np.fft.rfft(make_noise(RATE * 8, exponent, np.random.default_rng(1)))) ** 2
    low, high = (power[hertz * 8 : hertz * 8 + 1600].mean() for hertz in (300, 3000 + 900))
    expected = decibels * np.log10((3900 + 100) / (300 + 100))
    assert 10 * np.log10(high / low) == pytest.approx(expected, abs=1)


def test_what_was_written_is_read(tmp_path):
    tone = make_tone(0.5)
    assert np.abs(read_sound(write_sound(tmp_path / "tone.wav", tone)) - tone).max() < 1e-3


def test_no_text_no_sound_twice_and_none_too_long_for_its_sound():
    first, second, third = make_clips("nine letters", "Nine letters!", "ten letters")
    too_long = Clip(make_tone(0.3), "more than anybody can say in so short a time")
    same_sound = Clip(first.signal, "other letters")
    assert list(drop_unfit([first, second, third, too_long, same_sound])) == [first, third]


def test_assembled_utterances_lie_where_they_sound():
    clips = iter(make_clips("one", "two", "three"))
    take = assemble(clips, 2.0, np.random.default_rng(1))
    assert [said.text for said in take.utterances] == ["one", "two"]
    for said in take.utterances:
        assert measure_level(take.signal[round(said.start * RATE) : round(said.end * RATE)]) > 0.05
    assert next(clips).text == "three"


def test_longer_pauses_keep_the_words():
    take = assemble(iter(make_clips("one", "two")), 9.0, np.random.default_rng(1))
    stretched = stretch_pauses(take, (4.0, 5.0), np.random.default_rng(1))
    assert [said.text for said in stretched.utterances] == ["one", "two"]
    assert stretched.utterances[1].start - take.utterances[1].start > 3.9


def test_tempo_changes_length_alone():
    take = assemble(iter(make_clips("one", "two", "three")), 9.0, np.random.default_rng(1))
    fast = change_tempo(take, 1.4)
    assert fast.seconds == pytest.approx(take.seconds / 1.4, abs=0.1)
    assert fast.utterances[1].start == pytest.approx(take.utterances[1].start / 1.4)
    spectrum = np.abs(np.fft.rfft(fast.signal[:RATE]))
    assert spectrum.argmax() == pytest.approx(440, abs=2)
