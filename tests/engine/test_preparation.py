"""One pass from a file to chunks.

Detector and language are the test's.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import EngineConfig, TooLong, UnsupportedLanguage
from engine.media.wav import MAX_SECONDS
from engine.messages import PrepareRequest
from engine.preparation import collect_speech, prepare_recording, refuse_promise
from engine.recognition.fake import FakeRecogniser
from engine.types import Span
from tests.engine.sounds import encode, ignore, make_tone, write_wav

RATE = 16_000
SILENCE = np.zeros(40 * RATE, np.int16)


class Listener(FakeRecogniser):
    """Remembers what it was asked to name the language of."""

    heard = None

    def detect_language(self, samples):
        self.heard = samples
        return "de", 0.8


class EnglishOnly(FakeRecogniser):
    languages = ("en",)


def prepare(tmp_path, samples, recogniser=Listener, report=ignore, **changes):
    source = write_wav(tmp_path / "source.wav", samples)
    settings = {"language": None, "max_seconds": 3600.0, "timeout": 60.0, **changes}
    request = PrepareRequest(source, tmp_path / "copy.wav", **settings)
    return prepare_recording(request, recogniser(EngineConfig(engine="fake")), report)


def test_silence_has_no_speech_and_no_language(tmp_path):  # pains T1
    plan = prepare(tmp_path, SILENCE)
    assert (plan.language, plan.language_probability, len(plan.chunks)) == (None, None, 1)
    assert (plan.chunks[0].speech, plan.seconds, set(plan.peaks)) == ((), 40.0, {0})


def test_language_is_heard_on_speech_behind_silence(tmp_path):  # pains T3
    listener = Listener(EngineConfig(engine="fake"))
    plan = prepare(tmp_path, np.concatenate((SILENCE, make_tone(50))), lambda _: listener)
    assert (plan.language, plan.language_probability) == ("de", 0.8)
    assert [len(part) for part in listener.heard] == [10 * RATE] * 3
    assert min(np.abs(part[RATE:]).max() for part in listener.heard) > 9000


def test_a_given_language_is_not_guessed(tmp_path):
    plan = prepare(tmp_path, make_tone(2), language="fr")
    assert (plan.language, plan.language_probability) == ("fr", None)


def test_the_only_language_of_a_model_is_not_guessed(tmp_path):
    plan = prepare(tmp_path, make_tone(2), EnglishOnly)
    assert (plan.language, plan.language_probability) == ("en", None)


def test_a_language_the_model_lacks_is_refused(tmp_path):
    with pytest.raises(UnsupportedLanguage, match="de is not one of en"):
        prepare(tmp_path, make_tone(2), EnglishOnly, language="de")


def test_little_speech_for_the_language_is_put_end_to_end(tmp_path):
    write_wav(tmp_path / "copy.wav", np.arange(20 * RATE, dtype=np.int64).astype(np.int16))
    request = PrepareRequest(tmp_path / "x", tmp_path / "copy.wav", None, 60.0, 60.0)
    (taken,) = collect_speech(request, [(10, 20), (100, 130)])
    np.testing.assert_array_equal(taken, [*range(10, 20), *range(100, 130)])


def test_chunks_carry_speech_in_seconds(tmp_path):
    plan = prepare(tmp_path, np.concatenate((SILENCE[: 5 * RATE], make_tone(4), SILENCE[: 3 * RATE])))
    assert [chunk.speech for chunk in plan.chunks] == [
        (Span(pytest.approx(4.7, abs=0.05), pytest.approx(9.3, abs=0.05)),)
    ]


def test_seconds_are_reported_while_decoding(tmp_path):
    reports = []
    prepare(tmp_path, make_tone(3), report=reports.append)
    assert reports == sorted(reports)
    assert 0 < reports[0] < 3


def test_a_truncated_recording_says_what_is_lost(tmp_path):  # pains T2
    source = write_wav(tmp_path / "whole.wav", make_tone(10))
    source.write_bytes(source.read_bytes()[: 44 + 6 * RATE * 2])
    request = PrepareRequest(source, tmp_path / "copy.wav", "en", 3600.0, 60.0)
    plan = prepare_recording(request, Listener(EngineConfig(engine="fake")), ignore)
    assert (plan.truncated, plan.seconds, plan.lost_seconds) == (True, 6.0, 4.0)


def test_a_whole_recording_has_lost_nothing(tmp_path):
    plan = prepare(tmp_path, make_tone(2))
    assert (plan.truncated, plan.lost_seconds) == (False, 0.0)


def test_the_limit_holds_for_what_is_decoded(tmp_path):
    source = encode(tmp_path / "a", make_tone(5, 48_000), container="adts", codec="aac", rate=48_000)
    request = PrepareRequest(source, tmp_path / "copy.wav", "en", 4.0, 60.0)
    with pytest.raises(TooLong, match="more than 4 s"):
        prepare_recording(request, Listener(EngineConfig(engine="fake")), ignore)


def test_a_promise_over_the_limit_is_refused_before_decoding():
    with pytest.raises(TooLong, match="7200 s, the limit is 3600 s"):
        refuse_promise(7200.0, 10_000_000, 3600.0)


@pytest.mark.parametrize("promised", [None, 3600.0, 1e9])
def test_no_promise_a_short_one_or_an_absurd_one_is_no_reason_to_refuse(promised):
    assert refuse_promise(promised, 10_000_000, 3600.0) is None


def test_no_setting_makes_a_working_copy_longer_than_its_header_can_say(tmp_path):
    plan = prepare(tmp_path, make_tone(1), max_seconds=10.0 * MAX_SECONDS)
    assert plan.seconds == 1.0


FLAT = """
import resource, sys
from pathlib import Path
from engine import EngineConfig
from engine.recognition.fake import FakeRecogniser
from engine.preparation import prepare_recording
from engine.messages import PrepareRequest
for source in sys.argv[1:]:
    request = PrepareRequest(Path(source), Path(source + ".copy"), "en", 99_999.0, 600.0)
    recogniser = FakeRecogniser(EngineConfig(engine="fake"))
    if "silero" in source:
        from engine.speech.voice_detector import SileroDetector
        recogniser.build_detector = SileroDetector
    prepare_recording(request, recogniser, lambda seconds: None)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_half_an_hour_needs_no_more_memory_than_five_minutes(tmp_path):
    minute = make_tone(60)
    for name, minutes in (("silero-short", 5), ("silero-long", 30)):
        encode(tmp_path / name, np.tile(minute, minutes), container="flac", codec="flac")
    paths = [str(tmp_path / name) for name in ("silero-short", "silero-long")]
    output = subprocess.run(
        [sys.executable, "-c", FLAT, *paths], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    short, long = map(int, output.stdout.split())
    assert long - short < 8 * 1024  # kilobytes; half an hour is 58 MB of samples
