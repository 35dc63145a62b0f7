"""Chunks cover the recording once, and are cut in pauses."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.wav import HEADER_BYTES
from engine.speech.chunking import FRAME, find_speech, plan_chunks
from engine.types import Span

RATE = 16_000


def speak(*stretches, seconds):
    """Return stretches in samples, fitting probabilities and the length."""
    probabilities = np.zeros(seconds * RATE // FRAME + 1, np.float32)
    for start, end in stretches:
        probabilities[int(start * RATE / FRAME) : int(end * RATE / FRAME)] = 0.9
    return [(int(start * RATE), int(end * RATE)) for start, end in stretches], seconds * RATE, probabilities


def plan(*stretches, seconds):
    return plan_chunks(*speak(*stretches, seconds=seconds))


def bounds(chunks):
    return [(round(chunk.start, 2), round(chunk.end, 2)) for chunk in chunks]


@st.composite
def recordings(draw):
    lengths = draw(st.lists(st.integers(1, 90 * RATE), max_size=30))
    stretches, position = [], 0
    for index, length in enumerate(lengths):
        if index % 2:
            stretches.append((position, position + length))
        position += length
    probabilities = np.asarray(draw(st.lists(st.floats(0, 1), min_size=1, max_size=50)), np.float32)
    return stretches, position, np.resize(probabilities, -(-position // FRAME))


@given(recordings())
def test_every_sample_belongs_to_exactly_one_chunk(recording):
    chunks = plan_chunks(*recording)
    ends = [HEADER_BYTES, *(chunk.offset + chunk.length for chunk in chunks)]
    assert [chunk.offset for chunk in chunks] == ends[:-1]
    assert ends[-1] == HEADER_BYTES + 2 * recording[1]
    assert all(chunk.length > 0 and chunk.length % 2 == 0 for chunk in chunks)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))


@given(recordings())
def test_seconds_and_bytes_of_a_chunk_agree(recording):
    for chunk in plan_chunks(*recording):
        assert (chunk.start, chunk.seconds) == (
            (chunk.offset - HEADER_BYTES) / 2 / RATE,
            chunk.end - chunk.start,
        )
        assert round(chunk.end * RATE) * 2 == chunk.offset - HEADER_BYTES + chunk.length


@given(recordings())
def test_a_chunk_with_speech_lasts_at_most_a_minute(recording):
    assert all(chunk.seconds <= 60 for chunk in plan_chunks(*recording) if chunk.speech)


@given(recordings())
def test_all_speech_is_in_the_plan(recording):
    stretches, *_ = recording
    planned = sum(round(span.seconds * RATE) for chunk in plan_chunks(*recording) for span in chunk.speech)
    assert planned == sum(end - start for start, end in stretches)


@given(recordings())
def test_silence_does_not_become_many_chunks(recording):
    chunks = plan_chunks(*recording)
    assert not [pair for pair in pairwise(chunks) if not pair[0].speech and not pair[1].speech]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1, width=32), max_size=400))
def test_speech_is_in_order_without_overlap_within_the_recording(probabilities):
    samples = len(probabilities) * FRAME
    times = [time for stretch in find_speech(np.asarray(probabilities, np.float32), samples) for time in stretch]
    assert times == sorted(set(times))
    assert all(0 <= time <= samples for time in times)


def test_no_audio_makes_no_chunk():
    assert plan(seconds=0) == ()


def test_silence_is_one_chunk_without_speech():
    chunks = plan(seconds=3 * 3600)
    assert (bounds(chunks), chunks[0].speech) == ([(0, 10_800)], ())


def test_a_short_recording_is_one_chunk():
    chunks = plan((1, 4), (5, 9), seconds=10)
    assert (bounds(chunks), chunks[0].speech) == ([(0, 10)], (Span(1, 4), Span(5, 9)))


def test_a_long_pause_is_a_chunk_of_its_own():
    assert bounds(plan((0, 5), (25, 30), seconds=30)) == [(0, 5), (5, 25), (25, 30)]


def test_the_longest_pause_of_the_second_half_is_cut_in_its_middle():
    assert bounds(plan((0, 40), (43, 50), (51, 90), seconds=90)) == [(0, 41.5), (41.5, 90)]


def test_without_a_pause_the_least_speech_like_moment_is_cut():
    stretches, samples, probabilities = speak((0, 90), seconds=90)
    probabilities[1600] = 0.4
    assert bounds(plan_chunks(stretches, samples, probabilities)) == [(0, 51.22), (51.22, 90)]


def test_without_any_judgement_the_limit_is_cut():
    stretches, samples, _ = speak((0, 90), seconds=90)
    assert bounds(plan_chunks(stretches, samples, np.zeros(0, np.float32))) == [(0, 60), (60, 90)]


def test_speech_is_padded_and_short_pauses_are_bridged():
    probabilities = np.zeros(200, np.float32)
    probabilities[50:80] = probabilities[95:120] = 0.9
    assert find_speech(probabilities, 200 * FRAME) == [(50 * FRAME - 4800, 120 * FRAME + 4800)]


def test_a_click_is_no_speech():
    probabilities = np.zeros(200, np.float32)
    probabilities[50:53] = 0.9
    assert find_speech(probabilities, 200 * FRAME) == []


def test_speech_up_to_the_end_ends_with_the_recording():
    assert find_speech(np.full(100, 0.9, np.float32), 100 * FRAME - 7) == [(0, 100 * FRAME - 7)]


def test_a_doubtful_moment_does_not_end_speech():
    probabilities = np.full(100, 0.9, np.float32)
    probabilities[40:60] = 0.4
    assert find_speech(probabilities, 100 * FRAME) == [(0, 100 * FRAME)]
