"""The texts of packages: the spoken ones, and their recordings."""

import struct

from benchmarks.speech.game_lines import read_index, split_line
from benchmarks.speech.speech_sets import Recording
from benchmarks.speech.telephone_prompts import parse_texts
from benchmarks.speed.contestants import share_out


def test_only_texts_that_are_spoken_as_written():
    listing = (
        "; Sounds\n\nbeep: [tone]\nagent-pass: Please enter.\ndictate/help: press * now\nthe: The\nat: il tempo sar? di"
    )
    assert parse_texts(listing) == {"agent-pass": "Please enter."}


def test_parts_of_a_line_have_recordings_of_their_own():
    line = "Hello there*XY120,110,005And you*AF*GDand so on"
    assert list(split_line(" 1   aJ", line)) == [
        ("01000AJ1.SB", "Hello there"),
        ("01000AJ2.SB", "And you"),
        ("01000AJ4.SB", "and so on"),
    ]


def test_index_of_an_archive():
    entry = b"1.dog".ljust(12, b"\0") + struct.pack(">BII", 1, 400, 20)
    assert read_index(b"\0" * 13 + struct.pack(">H", 1) + entry) == {"1.DOG": (400, 20)}


def test_shares_are_about_as_long(tmp_path):
    recordings = [Recording(tmp_path / str(seconds), "en", seconds, ()) for seconds in (60, 240, 120, 180)]
    shares = [[recording.seconds for recording in share] for share in share_out(recordings, 2)]
    assert shares == [[240, 60], [180, 120]]
