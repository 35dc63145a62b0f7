"""Sound that is missing in the middle leaves silence.

It has the same length, so that times stay right.
"""

from fractions import Fraction

import av
import numpy as np
import pytest

from engine.media.decoder import FrameClock, MediaReader
from tests.engine.sounds import make_tone

RATE = 48_000
CONTAINERS = {"webm": "libopus", "matroska": "aac", "mp4": "aac"}


def encode_with_jump(path, container, jump, seconds=6, at=3):
    """Write a tone whose time stamps jump by `jump` seconds.

    They do after `at` seconds.
    """
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(CONTAINERS[container], rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(make_tone(seconds, RATE).reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts = RATE, 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            if packet.pts * packet.time_base >= at:
                packet.pts += round(jump / packet.time_base)
                packet.dts = packet.pts
            output.mux(packet)
    return path


def decode(path):
    with MediaReader(path) as media:
        samples = np.concatenate(list(media.read_blocks()))
        return samples, media.gaps, media.measure_loss()


def make_frame(time, *, seconds=1.0, rate=1000):
    frame = av.AudioFrame("s16", "mono", round(seconds * rate))
    frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
    frame.pts = None if time is None else round(time * rate)
    return frame


def measure(*frames):
    clock = FrameClock()
    return [round(clock.measure_gap(frame), 6) for frame in frames]


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_gap_is_found_where_it_is(tmp_path, container):  # pains T2
    _, gaps, lost = decode(encode_with_jump(tmp_path / "media", container, jump=4))
    assert (len(gaps), lost) == (1, 0.0)
    assert (gaps[0].start, gaps[0].end) == (pytest.approx(3, abs=0.1), pytest.approx(7, abs=0.1))


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_gap_is_silent_and_what_follows_keeps_its_time(tmp_path, container):  # pains T2
    samples, _, _ = decode(encode_with_jump(tmp_path / "media", container, jump=4))
    loudest = np.abs(samples.astype(np.int32))
    heard = [int(loudest[round(second * 16_000) :][:8000].max()) > 1000 for second in np.arange(0.25, 9.5)]
    assert len(samples) / 16_000 == pytest.approx(10, abs=0.1)
    assert heard == [True] * 3 + [False] * 4 + [True] * 3


@pytest.mark.parametrize("jump", [0, 0.3, 700])
def test_small_and_impossible_jumps_leave_the_sound_as_it_is(tmp_path, jump):
    samples, gaps, _ = decode(encode_with_jump(tmp_path / "media", "webm", jump))
    assert (gaps, len(samples) / 16_000) == ([], pytest.approx(6, abs=0.1))


def test_the_length_of_a_gap_is_the_silence_that_was_filled_in(tmp_path):
    plain, _, _ = decode(encode_with_jump(tmp_path / "plain", "webm", jump=0))
    samples, gaps, _ = decode(encode_with_jump(tmp_path / "media", "webm", jump=2.5))
    assert len(samples) - len(plain) == int(gaps[0].seconds * 16_000)


def test_frames_that_follow_each_other_have_no_gap():
    assert measure(make_frame(0), make_frame(1), make_frame(2)) == [0, 0, 0]


def test_a_recording_may_begin_at_any_time():
    assert measure(make_frame(500), make_frame(501)) == [0, 0]


@pytest.mark.parametrize(
    ("missing", "gap"), [(0.499, 0), (0.5, 0.5), (20, 20), (600, 600), (600.001, 0), (-0.8, 0), (-50, 0)]
)
def test_a_gap_lasts_half_a_second_to_ten_minutes(missing, gap):
    assert measure(make_frame(100), make_frame(101 + missing)) == [0, gap]


def test_each_gap_is_counted_once():
    assert measure(make_frame(0), make_frame(3), make_frame(4), make_frame(6)) == [0, 2, 0, 1]


def test_after_a_broken_time_the_clock_goes_on_from_there():
    assert measure(make_frame(0), make_frame(9000), make_frame(9001), make_frame(9004)) == [0, 0, 0, 2]


def test_frames_without_times_have_no_gap():
    assert measure(make_frame(None), make_frame(None)) == [0, 0]


def test_a_frame_without_a_rate_has_no_length():
    assert measure(av.AudioFrame("s16", "mono", 1000), make_frame(0, seconds=2), make_frame(2)) == [0, 0, 0]


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        ([0, 1, 2, 0, 1, 11, 12], [0, 0, 0, 0, 0, 9, 0]),
        ([0, 1, 5000, 5001, 5004], [0, 0, 0, 0, 2]),
        ([0, 1.3, 2.6, 3.6], [0, 0, 0.6, 0]),
    ],
)
def test_after_a_step_the_clock_is_compared_with_where_it_is_now(times, gaps):
    assert measure(*(make_frame(time) for time in times)) == gaps
