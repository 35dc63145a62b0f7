"""Split a text into sentences of bounded length."""

from __future__ import annotations

import re

# The end of a sentence: terminal marks, perhaps in quotes or brackets, before white space; or the end of a line.
_END = re.compile(r"""(?<=[.!?])["')\]]*\s+|\n+""")
MAX_WORDS = 60


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text in bounded length.

    None is empty or has more than MAX_WORDS words. Speech that was transcribed without punctuation comes out in runs of
    MAX_WORDS words.
    """
    pieces: list[str] = []
    for sentence in _END.split(text):
        words = sentence.split()
        pieces.extend(" ".join(words[start : start + MAX_WORDS]) for start in range(0, len(words), MAX_WORDS))
    return pieces
