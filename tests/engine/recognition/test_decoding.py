"""The best of several readings of a window is kept.

One that was forced is flagged.
"""

from dataclasses import replace

import numpy as np
import pytest

from engine.recognition.decoding import Decoder, Reading, add_segments, choose_best, collect_tokens, replace_fault
from engine.recognition.tokens import TimedTokens

TEXT = (TimedTokens(0.0, 2.0, (7, 8)),)
GOOD = Reading(TEXT, -0.3, 0.0, 1.0, None)
WINDOW = np.zeros(32_000, np.float32)


def make_word(start, end, text, tokens):
    return {"start": start, "end": end, "word": text, "tokens": tokens, "probability": 0.9}


class Speller:
    """Names each token by a letter."""

    def decode(self, tokens):
        return "".join(chr(ord("a") + token) for token in tokens)


class Tokenizer:
    """Begins a text with token 1, after the context and token 2."""

    sot_sequence, sot_prev = (1,), 2


class Script(Decoder):
    """A decoder with prepared readings, which records its calls."""

    def __init__(self, *readings):
        self.readings, self.asked, self.prompts = list(readings), [], []
        self._tokenizer, self._beam_size = Tokenizer(), 1

    def encode(self, window, frames):
        return np.zeros((1, frames // 2, 4), np.float32)

    def _write(self, encoded, seconds, prompts, **options):
        assert len(encoded) == len(seconds) == len(prompts)
        self.asked.append(options)
        self.prompts.append(prompts)
        return [self.readings.pop(0) for _ in seconds]

    def _place_words(self, encoded, readings, seconds):
        return list(readings)


def read(*readings):
    script = Script(*readings)
    (found,) = script.read([WINDOW], lambda seconds: None)
    return found, script.asked


def make_faulty(fault, probability, timed=TEXT):
    return replace(GOOD, fault=fault, average_log_probability=probability, timed=timed)


def make_unsure(probability):
    return make_faulty(None, probability)


def test_a_plausible_text_is_read_once():
    assert read(GOOD) == (GOOD, [{"beam_size": 1}])


def test_an_unsure_text_is_read_again_with_a_wide_beam():
    better = replace(GOOD, average_log_probability=-0.6)
    assert read(make_unsure(-0.7), better) == (better, [{"beam_size": 1}, {"beam_size": 5}])


def test_a_text_that_gets_no_better_is_kept():
    first = make_unsure(-0.7)
    assert read(first, make_unsure(-0.8))[0] == first


def test_an_implausible_text_is_read_a_third_time_as_the_model_was_trained():
    faulty = make_faulty("low_confidence", -2.0)
    assert read(faulty, faulty, GOOD) == (GOOD, [{"beam_size": 1}, {"beam_size": 5}, {"beam_size": 5}])


def test_who_reads_again_is_told_what_was_said_before():
    script = Script(GOOD, make_unsure(-0.7), GOOD, make_unsure(-0.7), GOOD, GOOD)
    script.read([WINDOW] * 4, lambda seconds: None)
    assert script.prompts == [[[1]] * 4, [[2, 7, 8, 1], [2, 7, 8, 1]]]


def test_who_reads_the_first_window_again_is_told_nothing():
    script = Script(make_unsure(-0.7), make_unsure(-0.7), GOOD, GOOD)
    script.read([WINDOW] * 2, lambda seconds: None)
    assert script.prompts[1:] == [[[1]], [[2, 7, 8, 1]]]


def test_a_loop_is_not_told():
    assert collect_tokens([make_faulty("repetition", -0.1), GOOD]) == [7, 8]


def test_a_loop_is_read_once_more_without_repetition_and_still_marked():
    loop = make_faulty("repetition", -0.1)
    found, asked = read(loop, loop, loop, GOOD)
    assert (found, asked[3]["no_repeat_ngram_size"]) == (replace(GOOD, fault="repetition"), 4)


def test_a_text_is_never_lost_to_an_empty_one_however_sure():  # pains T2
    empty = make_faulty("speech_without_text", -0.05, ())
    first = make_faulty("speech_without_text", -0.5)
    assert read(first, empty, empty)[0] == first


def test_of_faulty_texts_one_without_a_loop_counts():
    loop, unsure = make_faulty("repetition", -0.1), make_faulty("low_confidence", -1.5)
    assert choose_best([loop, unsure]) == unsure


def test_of_equal_texts_the_later_is_kept():
    first, second = make_faulty("low_confidence", -1.5), make_faulty("low_confidence", -1.5)
    assert choose_best([first, second]) is second


def test_half_the_work_is_told_window_by_window():
    told = []
    Script(GOOD, GOOD).read([WINDOW, WINDOW[:16_000]], told.append)
    assert told == [1.0, 0.5]


def test_words_that_leave_out_much_of_a_window_are_a_fault():  # pains T2
    aligned = [make_word(0.0, 0.5, " Hello", [7]), make_word(9.0, 9.5, " you", [8])]
    assert add_segments(GOOD, aligned, 10.0, Speller()).fault == "speech_without_text"


def test_a_segment_whose_words_went_to_its_neighbour_is_not_written_twice():
    timed = (TimedTokens(0.0, 1.0, (7,)), TimedTokens(1.0, 2.0, (8,)))
    aligned = [make_word(0.0, 1.9, " Helloworld", [7, 8])]
    segments = add_segments(replace(GOOD, timed=timed), aligned, 2.0, Speller()).segments
    assert [[word.text for word in segment.words] for segment in segments] == [[" Helloworld"]]


def test_without_an_alignment_the_decoders_own_times_and_text_count():
    (segment,) = add_segments(GOOD, [], 2.0, Speller()).segments
    assert (segment.start, segment.end, segment.text, segment.words) == (0.0, 2.0, "hi", ())


@pytest.mark.parametrize("fault", ["repetition", "low_confidence"])
def test_a_fault_is_that_of_all_segments(fault):
    reading = add_segments(GOOD, [make_word(0.0, 2.0, " Hi", [7, 8])], 2.0, Speller())
    assert [segment.fault for segment in replace_fault(reading, fault).segments] == [fault]
