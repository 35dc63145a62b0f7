"""Prompts of the Asterisk telephone system with their texts.

They were read in a studio, in four languages.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.speech.clips import Clip, drop_unfit
from benchmarks.speech.debian_packages import PackageMissing, unpack_package
from benchmarks.speech.waveforms import read_sound

PACKAGE = "asterisk-core-sounds-{language}"
LINE = re.compile(r"^([\w/\-+.]+):\s*(.+)$")
# Tones, letters and numbers, which are no speech or read in pieces.
SKIPPED_FOLDERS = {"silence", "letters", "digits", "phonetic"}
# Remarks and symbols that are read in one way or another, and letters that were lost.
UNSPOKEN = re.compile(r"[\[\](){}<>*@#_\ufffd]|\w\?\w|\? [a-z]")
LEAST_WORDS = 2


def read_prompts(language: str, seed: int) -> Iterator[Clip]:
    """Yield all prompts that say what is written.

    The order is always the same.

    Raises:
        PackageMissing: their package is not available.
    """
    package = PACKAGE.format(language=language)
    known = read_prompt_texts(unpack_package(package))
    # Only in English do figures and words become the same when texts are compared.
    texts = {name: text for name, text in known.items() if language == "en" or not re.search(r"\d", text)}
    sounds = unpack_package(f"{package}-g722")
    files = [file for file in sorted(sounds.rglob("*.g722")) if file.parent.name not in SKIPPED_FOLDERS]
    if not files or not texts:
        raise PackageMissing(f"the package {package} holds no prompts")
    np.random.default_rng(seed).shuffle(files)
    return drop_unfit(read_clips(files, texts))


def read_prompt_texts(folder: Path) -> dict[str, str]:
    """Return the text of each prompt by its name."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("core-sounds-*.txt.gz")):
        found.update(parse_texts(gzip.decompress(file.read_bytes()).decode("utf-8-sig", "replace")))
    return found


def parse_texts(listing: str) -> dict[str, str]:
    """Return the texts of prompts that are spoken as written."""
    lines = (LINE.match(line.strip()) for line in listing.splitlines())
    return {line[1]: line[2].strip() for line in lines if line and is_spoken(line[2])}


def is_spoken(text: str) -> bool:
    """Whether a text holds words and nothing else."""
    return not UNSPOKEN.search(text) and len(text.split()) >= LEAST_WORDS


def read_clips(files: list[Path], texts: dict[str, str]) -> Iterator[Clip]:
    """Decode the prompts that have a text.

    Their names are relative to the voice's folder.
    """
    for file in files:
        voice = next(folder for folder in file.parents if folder.parent.name == "sounds")
        text = texts.get(str(file.relative_to(voice).with_suffix("")))
        if text is not None:
            yield Clip(read_sound(file, "g722"), text)
