"""How texts are cut into sentences."""

from analysis.sentences import MAX_WORDS, split_sentences


def test_sentences_end_at_terminal_marks_and_line_ends():
    assert split_sentences("One. Two? Three!\nFour") == ["One.", "Two?", "Three!", "Four"]


def test_a_closing_quote_belongs_to_no_sentence():
    assert split_sentences('He said "yes." Then he left.') == ['He said "yes.', "Then he left."]


def test_numbers_are_not_cut():
    assert split_sentences("Pi is 3.14 or so.") == ["Pi is 3.14 or so."]


def test_speech_without_punctuation_is_cut_by_words():
    pieces = split_sentences("word " * (2 * MAX_WORDS + 1))
    assert [len(piece.split()) for piece in pieces] == [MAX_WORDS, MAX_WORDS, 1]


def test_white_space_has_no_sentences():
    assert split_sentences(" \n\t ") == []
