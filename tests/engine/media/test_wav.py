"""The working copy and its waveform."""

import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.peaks import MAX_PEAKS, PeakMeter
from engine.media.wav import HEADER_BYTES, MAX_SECONDS, WavWriter, locate_samples, read_samples
from tests.engine.sounds import make_tone

TONE = make_tone(2)


def measure(samples, block=1024):
    meter = PeakMeter()
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.finish()


def write(path, *blocks):
    with WavWriter(path) as copy:
        for block in blocks:
            copy.append(block)


def test_the_copy_is_plain_wav(tmp_path):
    write(tmp_path / "a.wav", TONE[:100], TONE[100:])
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert file.readframes(99_999) == TONE.tobytes()


def test_a_byte_range_gives_its_samples(tmp_path):
    write(tmp_path / "a.wav", TONE)
    np.testing.assert_array_equal(read_samples(tmp_path / "a.wav", *locate_samples(500, 900)), TONE[500:900])


def test_the_header_has_the_length_the_ranges_assume(tmp_path):
    write(tmp_path / "a.wav", TONE)
    assert (tmp_path / "a.wav").stat().st_size == HEADER_BYTES + 2 * len(TONE)


def test_the_copy_appears_only_when_it_is_whole(tmp_path):
    with WavWriter(tmp_path / "a.wav") as copy:
        copy.append(TONE)
        assert not (tmp_path / "a.wav").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_failure_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), WavWriter(tmp_path / "a.wav"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    (tmp_path / "a.wav.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "a.wav", TONE)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_last_moment_is_told_too(tmp_path):
    (tmp_path / "a.wav.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "a.wav", TONE[:10])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_at_the_end_does_not_hide_the_first_error(tmp_path):
    (tmp_path / "a.wav.part").symlink_to("/dev/full")
    with pytest.raises(KeyError), WavWriter(tmp_path / "a.wav") as copy:  # noqa: PT012 - the writer is what is left
        copy.append(TONE[:10])
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_the_length_fields_of_a_wav_suffice_for_a_day():
    assert MAX_SECONDS > 24 * 3600


@settings(max_examples=40)
@given(st.integers(1, 400_000), st.integers(1000, 50_000))
def test_a_waveform_has_at_most_a_thousand_bars(length, block):
    peaks = measure(np.full(length, 16_384, np.int16), block)
    assert 1 <= len(peaks) <= MAX_PEAKS
    assert set(peaks) == {50}


def test_no_sound_has_no_bar():
    assert PeakMeter().finish() == ()


def test_bars_show_where_it_was_loud():
    samples = np.zeros(16_000, np.int16)
    samples[8000:8160] = -32768
    assert measure(samples)[:100] == (*[0] * 50, 100, *[0] * 49)


def test_a_long_recording_keeps_its_loud_end():
    samples = np.zeros(16_000 * 60, np.int16)
    samples[-10:] = 32767
    peaks = measure(samples)
    assert (peaks[-1], max(peaks[:-1])) == (100, 0)
