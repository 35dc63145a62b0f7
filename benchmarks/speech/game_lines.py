"""Acted lines of the game "Flight of the Amazon Queen".

Many voices speak them, and their texts are known.

One archive holds the recordings as MP3 and the dialogues as tables that tell which line is spoken from which file. The
layout of both is that of the game's interpreter in ScummVM.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.speech.clips import Clip, drop_unfit
from benchmarks.speech.debian_packages import PackageMissing, unpack_package
from benchmarks.speech.waveforms import read_sound

PACKAGE = "flight-of-the-amazon-queen"
ARCHIVE = "queen.1c"
COUNT_OFFSET, INDEX_OFFSET, NAME_BYTES, ENTRY_BYTES = 13, 15, 12, 21
# Each dialogue file has a header of its own, then the lengths and the offsets of its tables, then levels.
FILE_HEADER, HEADER, HEADER_BYTES, LEVELS_OFFSET, LEVEL_BYTES = 20, ">5h6h3H", 28, 32, 96
# Shorter lines are too often only a shout.
LEAST_SECONDS, LEAST_LETTERS = 4.0, 45
Index = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The content of one dialogue file.

    The numbers are where its tables of lines begin.
    """

    content: bytes
    key: int
    own_lines: int
    own_count: int
    other_lines: int
    other_count: int


def read_lines(seed: int) -> Iterator[Clip]:
    """Yield all longer lines.

    The order is always the same.

    Raises:
        PackageMissing: the game's package is not available.
    """
    archive = next(unpack_package(PACKAGE).rglob(ARCHIVE), None)
    if archive is None:
        raise PackageMissing(f"the package {PACKAGE} holds no {ARCHIVE}")
    content = archive.read_bytes()
    index = read_index(content)
    texts = {name: text for name, text in read_line_texts(content, index).items() if len(text) >= LEAST_LETTERS}
    names = sorted(texts)
    np.random.default_rng(seed).shuffle(names)
    clips = (Clip(read_sound(cut(content, index[name]), "mp3"), texts[name]) for name in names)
    return drop_unfit(clip for clip in clips if clip.seconds >= LEAST_SECONDS)


def read_index(content: bytes) -> Index:
    """Return offset and length in bytes of each file in the archive.

    By its name in capitals.
    """
    (count,) = struct.unpack_from(">H", content, COUNT_OFFSET)
    index: Index = {}
    for number in range(count):
        at = INDEX_OFFSET + number * ENTRY_BYTES
        name = content[at : at + NAME_BYTES].split(b"\0")[0].decode("latin1").strip().upper()
        _bundle, offset, length = struct.unpack_from(">BII", content, at + NAME_BYTES)
        index[name] = (offset, length)
    return index


def cut(content: bytes, place: tuple[int, int]) -> bytes:
    """Return one file of the archive."""
    offset, length = place
    return content[offset : offset + length]


def read_line_texts(content: bytes, index: Index) -> dict[str, str]:
    """Return the text of each recording by its name.

    Those that the dialogues disagree about are left out.
    """
    found: dict[str, set[str]] = {}
    for name, place in index.items():
        if name.endswith(".DOG"):
            for spoken, text in read_dialogue(cut(content, place)):
                found.setdefault(spoken, set()).add(text)
    return {name: texts.pop() for name, texts in found.items() if len(texts) == 1 and name in index}


def read_dialogue(file: bytes) -> Iterator[tuple[str, str]]:
    """Yield names of recordings and their texts."""
    dialogue = open_dialogue(file)
    if dialogue is None:
        return
    tables = ((dialogue.own_lines, dialogue.own_count, "J"), (dialogue.other_lines, dialogue.other_count, "P"))
    for at, count, speaker in tables:
        for line, text in read_table(dialogue.content, at, count):
            yield from split_line(f"{dialogue.key:2d}{line & 0xFFFF:4x}{speaker}", text)


def open_dialogue(file: bytes) -> Dialogue | None:
    """Return the layout of a dialogue file, or None without tables."""
    content = file[FILE_HEADER:]
    if len(content) < HEADER_BYTES:
        return None
    fields = struct.unpack_from(HEADER, content)
    own_lines = LEVELS_OFFSET + abs(fields[0]) * LEVEL_BYTES
    return Dialogue(content, fields[2], own_lines, fields[3], fields[11], fields[4])


def read_table(content: bytes, at: int, count: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line of a table.

    Up to the end of the file; texts begin at multiples of four.
    """
    for _ in range(count):
        if at + 5 > len(content):
            return
        (line,) = struct.unpack_from(">h", content, at + 2)
        length = content[at + 4]
        text = content[at + 5 : at + 5 + length].decode("latin1")
        at = (at + 5 + length + 3) & ~3 if length else at + 5
        yield line, text


def split_line(prefix: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a line between commands to the game.

    Each has a recording of its own.
    """
    for number, spoken in enumerate(split_at_commands(text), 1):
        if spoken is not None and re.search("[A-Za-z]", spoken):
            yield f"{prefix}{number:x}".replace(" ", "0").upper() + ".SB", spoken.strip()


def split_at_commands(text: str) -> Iterator[str | None]:
    """Yield the text between commands, None for silent pauses.

    Commands are such as `*XY120,110,05` or `*AF`.
    """
    start = at = 0
    while at < len(text):
        if text[at] != "*":
            at += 1
            continue
        command = text[at + 1 : at + 3]
        yield None if command in {"GD", "GM"} else text[start:at]
        at += 14 if command == "XY" else 3
        start = at
    if start < len(text):
        yield text[start:]
