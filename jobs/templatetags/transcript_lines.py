"""The lines of a transcript and its review spots.

A recording of hours has thousands of them, so they are neither templates nor made with format_html: what was said is
escaped here, and nothing else in them comes from outside.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from engine import GAP, UNSURE_WORDS, Note
from jobs.domain.reading.review import Line, LocatedSpot, Run
from jobs.models import Segment
from jobs.templatetags.icons import icon
from jobs.templatetags.times import clock
from jobs.templatetags.words import SPOT_WORDS, spot_words

register = template.Library()

LINE = (
    '<div class="segment{kind}" id="{name}" data-start="{start:.2f}" data-end="{end:.2f}"{words}>'
    '<a class="segment-time figures" href="#{name}" title="Play from here">{time}</a>{body}</div>'
)
MARK = '<mark class="review-spot" id="{}" title="{}">{}</mark>'
SPOT = (
    '<li><a class="menu-item spot" href="#{name}" data-review-spot data-start="{start:.2f}" data-end="{end:.2f}">'
    '<span class="figures quiet">{time}</span><span><span data-why>{why}</span>{words}</span></a></li>'
)
# The list shows at most this many words of a long stretch of unsure words.
SHOWN_WORDS = 6

Span = tuple[int, int]


@register.simple_tag
def transcript_line(line: Line | LocatedSpot | Note) -> SafeString:
    """Return a line of the transcript.

    What was said, that text is missing, or a note.
    """
    if isinstance(line, Note):
        return note_line(line)
    return segment_line(line) if isinstance(line, Line) else missing_line(line)


def segment_line(line: Line) -> SafeString:
    """Return the text of a segment with unsure words marked.

    Its flags stand below.
    """
    segment = line.segment
    spans = locate_words(segment)
    body = f'<p class="segment-text">{mark_words(line, spans)}</p>'
    if segment.flags:
        body += f'<p class="segment-reason">{icon("alert-line")}{spot_words(segment.flags)}</p>'
    words = f' data-words="{word_times(segment, spans)}"'
    return write_line(f"s{segment.pk}", segment.start, segment.end, body, words=words)


def missing_line(spot: LocatedSpot) -> SafeString:
    """Return the line of a stretch without text."""
    shape = icon("volume-mute-line" if GAP in spot.flags else "volume-up-line")
    body = f'<p class="segment-gap">{shape}{spot_words(spot.flags)}</p>'
    return write_line(build_element_id(spot), spot.start, spot.end, body, kind=" segment-missing")


def note_line(note: Note) -> SafeString:
    """Return the line of a mark or loss."""
    shape = icon("flag-line" if note.kind == "mark" else "alert-line")
    body = f'<p class="segment-gap">{shape}{escape(note.text)}</p>'
    name = f"{note.kind}-{round(note.start * 100)}"
    return write_line(name, note.start, note.end, body, kind=f" segment-note segment-{note.kind}")


def write_line(name: str, start: float, end: float, body: str, *, words: str = "", kind: str = "") -> SafeString:
    """Return a line with its time; `body` is HTML, `words` an attribute."""
    line = LINE.format(kind=kind, name=name, start=start, end=end, words=words, time=clock(start), body=body)
    return mark_safe(line)  # noqa: S308 - the text in it is escaped


@register.simple_tag
def review_spot_item(spot: LocatedSpot) -> SafeString:
    """Return an entry of the list of review spots.

    It leads to the spot.
    """
    item = SPOT.format(
        name=build_element_id(spot),
        start=spot.start,
        end=spot.end,
        time=clock(spot.start),
        why=spot_words(spot.flags),
        words=escape(quote_words(spot.segment, spot.run)) if spot.segment and spot.run else "",
    )
    return mark_safe(item)  # noqa: S308 - the words in it are escaped


def build_element_id(spot: LocatedSpot) -> str:
    """Return the id of a review spot's element in the page."""
    if spot.segment is None:
        return f"missing-{round(spot.start * 100)}"
    return build_run_id(spot.segment, spot.run) if spot.run else f"s{spot.segment.pk}"


def build_run_id(segment: Segment, run: Run) -> str:
    """Return the id of the mark around unsure words."""
    return f"d{segment.pk}-{run.first}"


def quote_words(segment: Segment, run: Run) -> str:
    """Return the unsure words of a spot as a quotation.

    It follows the reason; a long one is cut.
    """
    words = [str(word[2]) for word in segment.words[run.first : run.last + 1]]
    more = "…" if len(words) > SHOWN_WORDS else ""
    return f": “{''.join(words[:SHOWN_WORDS]).strip()}{more}”"


def locate_words(segment: Segment) -> list[Span | None]:
    """Return the position in the text of each word of a segment.

    None for a word that is not found.
    """
    spans: list[Span | None] = []
    cursor = 0
    for _start, _end, word, _probability in segment.words:
        begin = segment.text.find(word.strip(), cursor)
        spans.append((begin, begin + len(word.strip())) if begin >= 0 else None)
        cursor = begin + len(word.strip()) if begin >= 0 else cursor
    return spans


def word_times(segment: Segment, spans: list[Span | None]) -> str:
    """Return the words of a segment as "seconds,position …".

    The position is where the word begins in the segment's text.
    """
    pairs = zip(segment.words, spans, strict=True)
    return " ".join(f"{word[0]:.2f},{span[0]}" for word, span in pairs if span)


def mark_words(line: Line, spans: list[Span | None]) -> str:
    """Return the text of a line as HTML with unsure words marked."""
    text, parts, cursor = line.segment.text, [], 0
    for run in line.runs:
        found = [span for span in spans[run.first : run.last + 1] if span]
        begin, end = (found[0][0], found[-1][1]) if found else (cursor, cursor)
        mark = MARK.format(build_run_id(line.segment, run), SPOT_WORDS[UNSURE_WORDS], escape(text[begin:end]))
        parts += [escape(text[cursor:begin]), mark]
        cursor = end
    return "".join([*parts, escape(text[cursor:])])
