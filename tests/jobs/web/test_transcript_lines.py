"""How the lines of a transcript and its doubtful places are written."""

import re

from engine import Note, Word
from jobs.domain.reading.review import Line, LocatedSpot, Run, list_runs
from jobs.models import Segment
from jobs.templatetags.transcript_lines import locate_words, review_spot_item, transcript_line, word_times


def build_segment(text, words=(), **fields):
    return Segment(pk=7, start=61, end=64, text=text, words=list(words), **fields)


def write(segment):
    words = tuple(Word(*word) for word in segment.words)
    return transcript_line(Line(segment, list_runs(words, frozenset())))


def read_text(html):
    return re.search(r'<p class="segment-text">(.*?)</p>', html).group(1)


def test_words_are_found_in_their_line():
    words = [[0.0, 1.0, " No", 0.9], [1.0, 2.0, " no", 0.9], [2.0, 3.0, " gone", 0.9], [3.0, 4.0, " no.", 0.9]]
    segment = build_segment("No no no.", words)
    assert word_times(segment, locate_words(segment)) == "0.00,0 1.00,3 3.00,6"


def test_a_line_escapes_what_was_said():
    assert read_text(write(build_segment("<b>bold</b>"))) == "&lt;b&gt;bold&lt;/b&gt;"


def test_unsure_words_are_marked_together_and_escaped():
    words = [[61, 62, "A", 0.9], [62, 63, " <b>", 0.2], [63, 64, " & c", 0.3], [64, 65, " d", 0.9]]
    mark = '<mark class="review-spot" id="d7-1" title="May be wrong">&lt;b&gt; &amp; c</mark>'
    assert read_text(write(build_segment("A <b> & c d", words))) == f"A {mark} d"


def test_an_unsure_word_that_is_not_in_the_text_leaves_it_as_it_is():
    words = [[61, 62, "A", 0.9], [62, 63, " b", 0.2]]
    assert (
        read_text(write(build_segment("A", words))).replace(
            '<mark class="review-spot" id="d7-1" title="May be wrong"></mark>', ""
        )
        == "A"
    )


def test_a_line_that_may_be_wrong_says_why_with_an_icon():
    line = write(build_segment("No no no", flags=["repetition", "low_confidence"]))
    reason = re.search(r'<p class="segment-reason"><svg .*?</svg>(.*?)</p>', line).group(1)
    assert reason == "Repeats itself, unsure of the words"


def test_missing_text_is_a_line_that_can_be_played():
    line = transcript_line(LocatedSpot(61.234, 64, ("speech_without_text",)))
    assert line.startswith(
        '<div class="segment segment-missing" id="missing-6123" data-start="61.23" data-end="64.00">'
    )
    assert re.search(r"</svg>(.*?)</p>", line).group(1) == "Somebody speaks here, and no text was found"


def test_missing_sound_looks_different_from_missing_text():
    assert transcript_line(LocatedSpot(1, 2, ("gap",))) != transcript_line(LocatedSpot(1, 2, ("speech_without_text",)))


def test_a_note_is_a_line_that_can_be_played_and_is_escaped():
    line = transcript_line(Note(61.234, 61.234, "mark", "<b>budget</b>"))
    assert line.startswith('<div class="segment segment-note segment-mark" id="mark-6123" data-start="61.23"')
    assert re.search(r"</svg>(.*?)</p>", line).group(1) == "&lt;b&gt;budget&lt;/b&gt;"


def test_a_loss_looks_different_from_a_mark():
    mark, loss = (transcript_line(Note(1, 1, kind, "x")) for kind in ("mark", "silence"))
    assert re.search(r"<svg.*?</svg>", mark).group() != re.search(r"<svg.*?</svg>", loss).group()


def test_an_entry_of_the_list_quotes_the_beginning_of_many_words():
    words = [[61, 62, f" <{number}>", 0.2] for number in range(8)]
    item = review_spot_item(LocatedSpot(61, 62, ("unsure_words",), build_segment("", words), Run(0, 7)))
    assert 'href="#d7-0"' in item
    assert "May be wrong</span>: “&lt;0&gt; &lt;1&gt; &lt;2&gt; &lt;3&gt; &lt;4&gt; &lt;5&gt;…”" in item


def test_an_entry_for_a_line_or_for_missing_text_leads_there():
    places = [LocatedSpot(61, 64, ("repetition",), build_segment("x")), LocatedSpot(1, 2, ("gap",))]
    assert [re.search('href="#(.*?)"', review_spot_item(place)).group(1) for place in places] == ["s7", "missing-100"]
