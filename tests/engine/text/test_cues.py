from engine import Segment
from engine.text.cues import Cue, build_cues


def test_a_segment_without_text_becomes_no_subtitle():
    assert list(build_cues([Segment(0.0, 1.0, "", 0.5)])) == []


def test_a_word_wider_than_a_line_is_not_cut():
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    assert list(build_cues([Segment(0.0, 2.0, word, 0.5)])) == [Cue(0, 2000, word)]


def test_two_short_lines_are_of_about_equal_length():
    (cue,) = build_cues([Segment(0.0, 3.0, "It was the best of times, it was the worst of times.", 0.9)])
    assert cue.text == "It was the best of times,\nit was the worst of times."
