"""A transcript as text, subtitles or JSON.

These are pure functions from values to strings.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from engine.codec import to_dict
from engine.text.cues import Cue, build_cues
from engine.types import Note, Segment, Transcript

MEDIA_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
}
FORMATS = tuple(MEDIA_TYPES)
# A silence this long starts a new paragraph.
PARAGRAPH_PAUSE_SECONDS = 2.0


def render(transcript: Transcript, format: str) -> str:  # noqa: A002 - the word users and the API say
    """Return the transcript in one of `FORMATS`.

    Raises:
        ValueError: the format is another.
    """
    if format not in RENDERERS:
        raise ValueError(f"unknown format {format!r}, use one of {', '.join(FORMATS)}")
    return RENDERERS[format](transcript)


def render_txt(transcript: Transcript) -> str:
    """Return one paragraph a line with notes in brackets.

    Two seconds without speech divide paragraphs.
    """
    groups = split_paragraphs(transcript.segments, [note.start for note in transcript.notes])
    paragraphs = [(group[0].start, " ".join(segment.text for segment in group)) for group in groups]
    notes = [(note.start, describe_note(note)) for note in transcript.notes]
    return "".join(f"{line}\n" for _, line in sorted([*notes, *paragraphs], key=lambda line: line[0]))


def describe_note(note: Note) -> str:
    """Return a note as a line of a text."""
    return f"[{format_time(round(note.start * 1000), '.')[:8]} {note.text}]"


def split_paragraphs(segments: Sequence[Segment], cuts: Sequence[float]) -> Iterator[Sequence[Segment]]:
    """Yield the segments in groups.

    They are divided at long pauses and at `cuts`, which are seconds in ascending order.
    """
    starts = [
        index
        for index, (left, right) in enumerate(pairwise(segments), 1)
        if right.start - left.end >= PARAGRAPH_PAUSE_SECONDS
        or bisect_right(cuts, left.start) < bisect_right(cuts, right.start)
    ]
    for first, last in pairwise([0, *starts, len(segments)]):
        if first < last:
            yield segments[first:last]


def render_srt(transcript: Transcript) -> str:
    """Return SubRip subtitles: numbered, with a comma before the milliseconds."""
    return "\n".join(
        f"{number}\n{format_range(cue, ',')}\n{defuse_arrow(cue.text)}\n"
        for number, cue in enumerate(build_cues(transcript.segments), 1)
    )


def render_vtt(transcript: Transcript) -> str:
    """Return WebVTT subtitles (W3C), with notes as comments.

    The three characters that have a meaning there are escaped.
    """
    notes = (f"\nNOTE {defuse_arrow(describe_note(note))}\n" for note in transcript.notes)
    cues = (f"\n{format_range(cue, '.')}\n{escape_vtt(cue.text)}\n" for cue in build_cues(transcript.segments))
    return "WEBVTT\n" + "".join(notes) + "".join(cues)


def render_json(transcript: Transcript) -> str:
    """Return all there is as JSON with times in seconds.

    `speech_found` distinguishes an empty text from a missing one.
    """
    everything = {"text": transcript.text, "speech_found": bool(transcript.segments), **to_dict(transcript)}
    return json.dumps(everything, ensure_ascii=False, indent=2) + "\n"


RENDERERS: dict[str, Callable[[Transcript], str]] = {
    "txt": render_txt,
    "srt": render_srt,
    "vtt": render_vtt,
    "json": render_json,
}


def format_range(cue: Cue, separator: str) -> str:
    """Return the line of times of a subtitle."""
    return f"{format_time(cue.start_ms, separator)} --> {format_time(cue.end_ms, separator)}"


def format_time(milliseconds: int, separator: str) -> str:
    """Return a time as subtitles write it, down to milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{rest:03}"


def defuse_arrow(text: str) -> str:
    """Return text that no parser can take for a line of times."""
    return text.replace("-->", "->")


def escape_vtt(text: str) -> str:
    """Return text that WebVTT shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
