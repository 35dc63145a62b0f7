"""Transcripts as files that other programs read."""

import json
from dataclasses import replace

import pysrt
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import FORMATS, MEDIA_TYPES, Note, Segment, Transcript, Word, from_dict, render


def transcribe(*segments, seconds=60.0):
    return Transcript(tuple(segments), seconds, "en", 0.9, 0.8)


def say(text, start=0.0, pace=0.4):
    words = tuple(
        Word(start + index * pace, start + (index + 1) * pace, f" {word}", 0.9)
        for index, word in enumerate(text.split())
    )
    return Segment(start, words[-1].end, text, 0.9, words)


LONG = "In short the period was so far like the present period that some of its noisiest authorities insisted on it"
SPOKEN = transcribe(say("Hello there."), say(LONG, start=2.0), say("A < B & C --> D", start=50.0))
EMPTY = transcribe()

plain_words = st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0x3000), min_size=1, max_size=60)


@st.composite
def transcripts(draw):
    segments, position = [], 0.0
    for words in draw(st.lists(st.lists(plain_words, min_size=1, max_size=25), max_size=5)):
        timed = []
        for word in words:
            length = draw(st.floats(0, 9))
            timed.append(Word(position, position + length, f" {word}", 0.5))
            position += length + draw(st.floats(0, 3))
        text = " ".join(words)
        segments.append(Segment(timed[0].start, timed[-1].end, text, 0.5, tuple(timed) if draw(st.booleans()) else ()))
    return transcribe(*segments, seconds=position)


def read_vtt(text):
    return list(webvtt.from_string(text))


def test_there_are_four_formats_with_a_media_type_each():
    assert FORMATS == ("txt", "srt", "vtt", "json") == tuple(MEDIA_TYPES)


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="unknown format 'pdf'"):
        render(SPOKEN, "pdf")


def test_text_has_a_paragraph_after_each_long_pause():
    assert render(SPOKEN, "txt") == f"Hello there. {LONG}\nA < B & C --> D\n"


def test_a_short_pause_stays_within_the_paragraph():
    assert render(transcribe(say("One."), say("Two.", start=1.0)), "txt") == "One. Two.\n"


@pytest.mark.parametrize(("name", "text"), [("txt", ""), ("srt", ""), ("vtt", "WEBVTT\n")])
def test_nothing_said_is_an_empty_file(name, text):
    assert render(EMPTY, name) == text


NOTED = replace(
    transcribe(say("One."), say("Two.", start=1.0), say("Three.", start=2.0)),
    notes=(Note(0.9, 0.9, "mark", "a --> b"), Note(70.5, 71.0, "silence", "No sound")),
)


def test_notes_are_lines_between_paragraphs():
    assert render(NOTED, "txt") == "One.\n[00:00:00 a --> b]\nTwo. Three.\n[00:01:10 No sound]\n"


def test_a_note_comes_before_what_is_said_at_the_same_time():
    assert (
        render(replace(NOTED, notes=(Note(1.0, 1.0, "mark", "Marked"),)), "txt")
        == "One.\n[00:00:01 Marked]\nTwo. Three.\n"
    )


def test_notes_are_comments_in_vtt_and_not_in_srt():
    assert render(NOTED, "vtt").startswith(
        "WEBVTT\n\nNOTE [00:00:00 a -> b]\n\nNOTE [00:01:10 No sound]\n\n00:00:00.000"
    )
    assert [cue.text for cue in read_vtt(render(NOTED, "vtt"))] == ["One.", "Two.", "Three."]
    assert "No sound" not in render(NOTED, "srt")


def test_json_holds_everything_and_can_be_read_back():
    data = json.loads(render(SPOKEN, "json"))
    assert (data.pop("text"), from_dict(Transcript, data)) == (SPOKEN.text, SPOKEN)


def test_srt_has_numbers_and_commas():
    assert render(SPOKEN, "srt").startswith("1\n00:00:00,000 --> 00:00:00,800\nHello there.\n\n2\n00:00:02,000 --> ")


def test_vtt_escapes_what_means_something_there():
    assert render(SPOKEN, "vtt").endswith("A &lt; B &amp; C --&gt; D\n")


def test_hours_are_written_out():
    late = render(transcribe(say("Late.", start=36_061.5)), "vtt")
    assert late == "WEBVTT\n\n10:01:01.500 --> 10:01:01.900\nLate.\n"


@settings(max_examples=40)
@given(transcripts())
def test_an_independent_parser_reads_all_srt(transcript):
    cues = pysrt.from_string(render(transcript, "srt"))
    assert "".join(" ".join(cue.text for cue in cues).split()) == "".join(transcript.text.replace("-->", "->").split())


@settings(max_examples=40)
@given(transcripts())
def test_srt_cues_are_numbered_and_never_overlap(transcript):
    cues = pysrt.from_string(render(transcript, "srt"))
    times = [time for cue in cues for time in (cue.start.ordinal, cue.end.ordinal)]
    assert times == sorted(times)
    assert all(cue.start < cue.end for cue in cues)
    assert [cue.index for cue in cues] == list(range(1, len(cues) + 1))


@settings(max_examples=40)
@given(transcripts())
def test_an_independent_parser_finds_as_many_vtt_cues(transcript):
    assert len(read_vtt(render(transcript, "vtt"))) == len(pysrt.from_string(render(transcript, "srt")))


@settings(max_examples=40)
@given(transcripts())
def test_cues_are_two_lines_and_seven_seconds_at_most(transcript):
    for cue in pysrt.from_string(render(transcript, "srt")):
        words = cue.text.split()
        assert len(cue.text.splitlines()) <= 2
        assert all(len(line) <= 42 or " " not in line for line in cue.text.splitlines())
        assert len(words) == 1 or cue.end.ordinal - cue.start.ordinal <= 7001


def test_lines_are_of_similar_length():
    text = pysrt.from_string(render(transcribe(say("one two three four five six seven eight nine ten eleven")), "srt"))
    assert text[0].text == "one two three four five six\nseven eight nine ten eleven"


def test_a_language_without_spaces_is_wrapped_between_words():
    words = tuple(Word(index * 0.1, index * 0.1 + 0.1, "你好", 0.9) for index in range(30))
    cue = pysrt.from_string(render(transcribe(Segment(0, 3, "你好" * 30, 0.9, words)), "srt"))[0]
    assert cue.text == "你好" * 15 + "\n" + "你好" * 15


def test_a_segment_without_word_times_is_spread_over_its_seconds():
    cues = pysrt.from_string(render(transcribe(Segment(10, 30, LONG, 0.9)), "srt"))
    assert (cues[0].start.ordinal, cues[-1].end.ordinal, len(cues)) == (10_000, 30_000, 3)


def test_a_segment_without_any_word_has_no_cue():
    assert render(transcribe(Segment(10, 30, "", 0.0)), "srt") == ""
