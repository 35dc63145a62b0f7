"""What a WAV header promises."""

import struct

import pytest

from engine.media.riff import read_wav_seconds
from tests.engine.sounds import make_tone, write_wav

FORMAT = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)


def write_riff(path, *chunks):
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + b"".join(chunks))
    return path


def test_the_promise_stays_when_the_file_ends_early(tmp_path):
    path = write_wav(tmp_path / "a.wav", make_tone(3))
    path.write_bytes(path.read_bytes()[:2000])
    assert read_wav_seconds(path) == 3.0


def test_other_chunks_are_passed_over(tmp_path):
    path = write_riff(tmp_path / "a", b"LIST\x03\0\0\0abc\0", FORMAT, b"data\x00\x7d\0\0")
    assert read_wav_seconds(path) == 1.0


@pytest.mark.parametrize("length", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_the_length_a_streaming_program_writes_is_unknown(tmp_path, length):
    path = write_riff(tmp_path / "a", FORMAT, b"data" + struct.pack("<I", length))
    assert read_wav_seconds(path) is None


@pytest.mark.parametrize("chunks", [(), (FORMAT,), (b"data\x00\x7d\0\0",), (b"junk\0\0\0\0",) * 40])
def test_a_header_without_format_or_data_promises_nothing(tmp_path, chunks):
    assert read_wav_seconds(write_riff(tmp_path / "a", *chunks)) is None


def test_another_container_promises_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"OggS" + bytes(40))
    assert read_wav_seconds(tmp_path / "a") is None
