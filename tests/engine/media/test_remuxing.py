"""Recorded parts become one file with a length and an index.

They are as browsers record them.
"""

from fractions import Fraction
from types import SimpleNamespace

import av
import pytest

from engine.errors import UnreadableMedia
from engine.media.decoder import MediaReader
from engine.media.remuxing import PacketClock, join_parts, look_at
from engine.messages import JoinRequest
from tests.engine.sounds import LIVE, ignore, record


def join(tmp_path, *parts, told=ignore):
    paths = []
    for index, content in enumerate(parts):
        paths.append(tmp_path / f"part-{index}")
        paths[-1].write_bytes(content)
    return join_parts(JoinRequest(tuple(paths), tmp_path / "joined", 60.0), told)


def measure(path):
    """Return the seconds that a file promises, and those that it holds."""
    with MediaReader(path) as media:
        held = sum(len(block) for block in media.read_blocks()) / 16_000
        return media.info.seconds, held


@pytest.mark.parametrize("container", list(LIVE))
def test_a_part_without_length_gets_one(tmp_path, container):  # pains R9
    joined = join(tmp_path, record(2, container))
    promised, held = measure(tmp_path / "joined")
    assert (joined.container, joined.truncated) == (container, False)
    assert (promised, held) == (pytest.approx(2, abs=0.1), pytest.approx(2, abs=0.1))


@pytest.mark.parametrize("container", list(LIVE))
def test_parts_follow_each_other_without_a_gap(tmp_path, container):
    joined = join(tmp_path, record(2, container), record(1, container), record(3, container))
    promised, held = measure(tmp_path / "joined")
    assert joined.part_seconds == pytest.approx((2, 1, 3), abs=0.1)
    assert (promised, held) == (pytest.approx(6, abs=0.2), pytest.approx(6, abs=0.2))


def test_one_can_seek_in_the_middle(tmp_path):  # pains R9
    join(tmp_path, record(4), record(4))
    with av.open(str(tmp_path / "joined")) as container:
        container.seek(6_000_000)
        packet = next(container.demux(audio=0))
        assert float(packet.pts * packet.time_base) == pytest.approx(6, abs=1.5)


def test_a_part_that_ends_in_the_middle_keeps_what_came(tmp_path):
    whole = record(4)
    joined = join(tmp_path, record(1), whole[: len(whole) // 2])
    assert joined.part_seconds == pytest.approx((1, 2), abs=0.4)


def test_a_part_without_anything_to_read_is_left_out_and_told(tmp_path):
    joined = join(tmp_path, record(1), record(1)[:20], record(2))
    assert (joined.part_seconds[1], joined.truncated) == (0.0, True)
    assert measure(tmp_path / "joined")[1] == pytest.approx(3, abs=0.1)


def test_parts_of_different_kinds_are_written_anew(tmp_path):
    joined = join(tmp_path, record(2, "webm"), record(1, "mp4"), record(1, "ogg"))
    assert (joined.container, joined.media_type) == ("webm", "audio/webm")
    assert measure(tmp_path / "joined") == pytest.approx((4, 4), abs=0.3)


def test_a_damaged_part_of_another_kind_gives_what_can_be_decoded(tmp_path):
    whole = bytearray(record(4, "webm"))
    whole[len(whole) // 2 : len(whole) // 2 + 400] = bytes(400)
    joined = join(tmp_path, bytes(whole), record(1, "ogg"))
    assert (joined.container, 1 <= measure(tmp_path / "joined")[1] <= 5.2) == ("webm", True)


def test_nothing_to_read_at_all_is_an_error(tmp_path):
    with pytest.raises(UnreadableMedia):
        join(tmp_path, b"no sound", b"")


def cut_before_sound(tmp_path, container):
    """Return the shortest readable beginning of a recording.

    It has nothing of its sound.
    """
    whole, path = record(1, container), tmp_path / "cut"
    for length in range(20, len(whole)):
        path.write_bytes(whole[:length])
        if look_at(path) is not None:
            return whole[:length]
    raise AssertionError("it cannot be opened")


@pytest.mark.parametrize("containers", [["webm"], ["mp4"], ["webm", "webm"], ["webm", "mp4"]])
def test_parts_that_end_before_their_first_sound_are_nothing_to_read_either(tmp_path, containers):
    with pytest.raises(UnreadableMedia, match="no sound"):
        join(tmp_path, *(cut_before_sound(tmp_path, container) for container in containers))


def test_a_damaged_packet_of_a_part_that_is_written_anew_is_left_out(tmp_path):
    damaged = bytearray(record(4, "mp4"))
    middle = len(damaged) // 2
    damaged[middle : middle + 300] = b"\xff" * 300
    joined = join(tmp_path, bytes(damaged), record(1, "webm"))
    assert joined.truncated
    assert 3 <= measure(tmp_path / "joined")[1] <= 5.2


def test_packets_without_times_follow_each_other():
    stream = SimpleNamespace(time_base=Fraction(1, 1000))
    clock = PacketClock(1.0, stream)
    packets = [SimpleNamespace(pts=pts, dts=None, duration=20) for pts in (None, None, 500, 520)]
    assert [clock.place(packet) for packet in packets] == pytest.approx([1.02, 1.04, 1.04, 1.04])


def test_progress_is_told_in_seconds(tmp_path):
    told = []
    join(tmp_path, record(3), record(3), told=told.append)
    assert told == sorted(told)
    assert 0 < told[-1] <= 6.1
