"""The real engine on real speech, in its real child."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine import (
    ChunkPlan,
    EngineClient,
    EngineConfig,
    EngineOutOfMemory,
    ModelInfo,
    ModelMissing,
    Span,
    join_chunks,
    to_dict,
)
from tests.engine.processes import is_running, wait_until_gone
from tests.engine.sounds import encode, ignore, make_tone, read_speech, write_wav
from tests.speech import BECKETT, TWO_CITIES, rate_errors

pytestmark = pytest.mark.speech

RATE = 16_000
NOISE = np.random.default_rng(3).normal(0, 6000, 20 * RATE).clip(-32768, 32767).astype(np.int16)


@pytest.fixture(scope="module")
def english(tiny_en):
    with EngineClient(EngineConfig(model=tiny_en)) as client:
        yield client


@pytest.fixture(scope="module")
def multilingual(base):
    with EngineClient(EngineConfig(model=base)) as client:
        yield client


def transcribe(client, source, language=None):
    copy = source.with_name("copy.wav")
    plan = client.prepare(source, copy, language=language, max_seconds=3600, timeout=60, on_tick=ignore)
    parts = [
        client.transcribe(copy, chunk, language=plan.language, timeout=120, on_tick=ignore) for chunk in plan.chunks
    ]
    return join_chunks(parts, plan.seconds, plan.language, plan.language_probability), plan


def check_times(transcript):
    times = [time for segment in transcript.segments for word in segment.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= transcript.seconds
    assert all("".join(word.text for word in part.words).strip() == part.text for part in transcript.segments)


def test_the_default_model_reads_dickens_and_names_the_language(multilingual, tmp_path):  # pains T3
    speech = np.concatenate((np.zeros(35 * RATE, np.int16), read_speech("two_cities.wav")))
    transcript, plan = transcribe(multilingual, write_wav(tmp_path / "a.wav", speech))
    assert rate_errors(TWO_CITIES, transcript.text) <= 0.1
    assert (transcript.language, transcript.language_probability > 0.8) == ("en", True)
    assert transcript.segments[0].start > 35
    assert [bool(chunk.speech) for chunk in plan.chunks] == [False, True]


def test_speech_among_noise_and_silence_is_all_that_is_written(english, tmp_path):  # pains T1
    parts = (NOISE // 20, read_speech("beckett.wav"), np.zeros(15 * RATE, np.int16), make_tone(10, loudness=0.1))
    transcript, _ = transcribe(english, write_wav(tmp_path / "a.wav", np.concatenate(parts)))
    assert rate_errors(BECKETT, transcript.text) <= 0.1
    assert 19 < transcript.segments[0].start < transcript.segments[-1].end < 32


@pytest.mark.parametrize(
    "samples", [np.zeros(20 * RATE, np.int16), NOISE, make_tone(20)], ids=["zero", "noise", "tone"]
)
def test_what_nobody_says_has_no_text(english, tmp_path, samples):  # pains T1
    transcript, plan = transcribe(english, write_wav(tmp_path / "a.wav", samples))
    assert (transcript.text, transcript.confidence, plan.language) == ("", None, None)


def test_an_opus_recording_of_a_browser_is_read(english, tmp_path):  # pains R9
    speech = read_speech("beckett.wav")
    source = encode(tmp_path / "a.webm", speech, container="webm", codec="libopus", options={"live": "1"})
    assert rate_errors(BECKETT, transcribe(english, source)[0].text) <= 0.1


def test_the_small_model_reads_dickens_twice_without_losing_a_word_at_the_cut(english, tmp_path):  # pains T2
    speech = np.tile(read_speech("two_cities.wav"), 2)
    transcript, plan = transcribe(english, write_wav(tmp_path / "a.wav", speech))
    assert rate_errors(f"{TWO_CITIES} {TWO_CITIES}", transcript.text) <= 0.1
    assert (len(plan.chunks), transcript.confidence > 0.8) == (2, True)
    check_times(transcript)


def test_the_same_sound_gives_the_same_text_whatever_was_heard_before(english, tmp_path):  # pains Q11
    speech = read_speech("beckett.wav")
    noisy = speech + np.resize(NOISE, len(speech)) // 4  # so loud that it is read again with all care
    both = np.concatenate((noisy, speech))
    source = write_wav(tmp_path / "a.wav", both)
    seconds, all_seconds = len(noisy) / RATE, len(both) / RATE
    doubtful = ChunkPlan(0, 0.0, seconds, 44, 2 * len(noisy), (Span(0.0, seconds),))
    clear = ChunkPlan(1, seconds, all_seconds, 44 + 2 * len(noisy), 2 * len(speech), (Span(seconds, all_seconds),))
    texts = [
        english.transcribe(source, chunk, language="en", timeout=60, on_tick=ignore).segments
        for chunk in (doubtful, clear, doubtful, clear)
    ]
    assert (texts[0], texts[1]) == (texts[2], texts[3])
    assert min(len(text) for text in texts) > 0


def test_too_little_memory_is_told_as_such(tiny_en, tmp_path):  # pains Q5
    source = write_wav(tmp_path / "a.wav", read_speech("beckett.wav"))
    with (
        EngineClient(EngineConfig(model=tiny_en, memory_limit_bytes=500 * 1024 * 1024)) as client,
        pytest.raises(EngineOutOfMemory),
    ):
        transcribe(client, source)


def test_weights_that_have_vanished_are_missing(tmp_path):
    source = write_wav(tmp_path / "a.wav", read_speech("beckett.wav"))
    model = ModelInfo("gone", tmp_path / "gone", "", ("en",))
    with EngineClient(EngineConfig(model=model)) as client, pytest.raises(ModelMissing):
        transcribe(client, source)


ORPHAN = """
import json, sys
from pathlib import Path
from engine import EngineClient, EngineConfig, from_dict
client = EngineClient(from_dict(EngineConfig, json.loads(sys.argv[2])))
source = Path(sys.argv[1])
copy = source.with_name("copy.wav")
plan = client.prepare(source, copy, language="en", max_seconds=999, timeout=60, on_tick=lambda done: None)
print(client.child_pid, flush=True)
while True:
    client.transcribe(copy, plan.chunks[0], language="en", timeout=99, on_tick=lambda done: None)
"""


def test_a_child_in_the_middle_of_native_code_ends_with_its_worker(tiny_en, tmp_path):
    source = write_wav(tmp_path / "a.wav", read_speech("two_cities.wav"))
    config = to_dict(EngineConfig(model=tiny_en))
    command = [sys.executable, "-c", ORPHAN, str(source), json.dumps(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as worker:
        pid = int(worker.stdout.readline())
        time.sleep(1.2)
        assert is_running(pid)
        worker.kill()
    assert wait_until_gone(pid, 2)
