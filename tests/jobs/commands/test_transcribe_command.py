"""`manage.py transcribe`: one file from the shell, and nothing in the database."""

import io
import json

import jiwer
import pysrt
import pytest
import webvtt
from django.core.management import CommandError, call_command
from whisper_normalizer.english import EnglishTextNormalizer

from engine import ReviewSpot, Transcript
from jobs.management.commands.transcribe import describe_review_spots
from tests.engine.sounds import find_speech_file, make_tone, write_wav

BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def fake_engine(settings, tmp_path):
    settings.ENGINE, settings.DATA_DIR = "fake", tmp_path


@pytest.fixture
def transcribe():
    """Run the command and return what it wrote to stdout and stderr."""

    def run(file, *arguments):
        out, err = io.StringIO(), io.StringIO()
        call_command("transcribe", str(file), *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    return run


@pytest.fixture
def tone(fake_engine, tmp_path):
    """Three seconds in which the fake engine hears a word each."""
    return write_wav(tmp_path / "tone.wav", make_tone(3))


def list_seconds(text):
    """The fake engine's words end with the second they were heard in."""
    return [word[-1] for word in text.split()]


def test_the_text_goes_to_stdout(tone, transcribe):
    assert list_seconds(transcribe(tone)[0]) == ["0", "1", "2"]


def test_json_holds_text_and_segments(tone, transcribe):
    transcript = json.loads(transcribe(tone, "--format", "json")[0])
    assert list_seconds(transcript["text"]) == ["0", "1", "2"]
    assert [(segment["start"], segment["end"]) for segment in transcript["segments"]] == [(0, 1), (1, 2), (2, 3)]


def test_srt_is_read_by_another_parser(tone, transcribe):
    subtitles = pysrt.from_string(transcribe(tone, "--format", "srt")[0])
    assert list_seconds(" ".join(item.text for item in subtitles)) == ["0", "1", "2"]


def test_vtt_is_read_by_another_parser(tone, transcribe):
    captions = webvtt.from_string(transcribe(tone, "--format", "vtt")[0])
    assert list_seconds(" ".join(caption.text for caption in captions)) == ["0", "1", "2"]


def test_what_was_found_out_goes_to_stderr(tone, transcribe):
    assert transcribe(tone)[1].startswith("en, 90% sure, ")


@pytest.mark.parametrize(
    ("review_spots", "words"),
    [
        ((), ""),
        ((ReviewSpot(0, 1, ("unsure_words",)),), ", 1 doubtful place"),
        ((ReviewSpot(0, 1, ("gap",)), ReviewSpot(2, 3, ("unsure_words",))), ", 2 doubtful places, needs a review"),
    ],
)
def test_how_much_is_doubtful_is_told(review_spots, words):  # pains T2
    transcript = Transcript((), 3.0, "en", None, 0.9, review_spots=review_spots)
    assert describe_review_spots(transcript) == words


def test_json_tells_how_much_of_the_speech_has_text(tone, transcribe):  # pains T2
    transcript = json.loads(transcribe(tone, "--format", "json")[0])
    assert (transcript["coverage"], transcript["review_spots"], transcript["flags"]) == (1.0, [], [])


def test_a_language_can_be_given(tone, transcribe):
    assert json.loads(transcribe(tone, "--format", "json", "--language", "de")[0])["language"] == "de"


def test_a_language_that_the_engine_does_not_know_is_refused(tone, transcribe):
    with pytest.raises(CommandError, match=r"^unsupported_language: "):
        transcribe(tone, "--language", "xx")


def test_silence_has_no_speech(fake_engine, tmp_path, transcribe):  # pains T1
    silence = write_wav(tmp_path / "silence.wav", make_tone(2, loudness=0))
    assert transcribe(silence) == ("\n", "No speech found.\n")


def test_a_missing_file_is_named(fake_engine, tmp_path, transcribe):
    with pytest.raises(CommandError, match=r"nowhere\.wav is not a file\.$"):
        transcribe(tmp_path / "nowhere.wav")


def test_a_folder_is_no_file(fake_engine, tmp_path, transcribe):
    with pytest.raises(CommandError, match=r"is not a file\.$"):
        transcribe(tmp_path)


def test_an_unknown_format_is_refused(tone, transcribe):
    with pytest.raises(CommandError, match="invalid choice: 'doc'"):
        transcribe(tone, "--format", "doc")


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_file"), (b"This is a letter, not a song.\n" * 40, "unreadable_media")]
)
def test_a_bad_file_is_explained(fake_engine, tmp_path, transcribe, content, code):  # pains Q12
    file = tmp_path / "letter.wav"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=rf"^{code}: The file .*\.$"):
        transcribe(file)


def test_a_missing_model_is_explained(tone, settings, transcribe):
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    with pytest.raises(CommandError, match=r"^model_missing: "):
        transcribe(tone)


def test_what_a_truncated_file_lost_is_stated(fake_engine, tmp_path, transcribe):  # pains T2
    file = write_wav(tmp_path / "cut.wav", make_tone(6))
    file.write_bytes(file.read_bytes()[: 3 * 32_000])
    out, err = transcribe(file)
    assert len(out.split()) == 3
    assert err.startswith("The file is damaged or cut off: about 3 seconds of it could not be read.")


def test_a_terminal_shows_progress_and_is_left_clean(tone, transcribe, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    transcribe(tone)
    shown = terminal.getvalue().split("\r")
    labels = [line.partition("[")[0].strip() for line in shown if "[" in line]
    assert (labels[0], labels[-1]) == ("Preparing", "Transcribing")
    assert shown[-2:] == [" " * 64, ""]


def test_the_progress_bar_fills(tone, settings, transcribe, monkeypatch):  # pains Q8
    settings.FAKE_ENGINE_DELAY = 0.4
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    transcribe(tone)
    shares = [int(line[-4:-1]) for line in terminal.getvalue().split("\r") if line.startswith("Transcribing")]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 100


def test_no_terminal_shows_no_progress(tone, transcribe, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    transcribe(tone)
    assert stream.getvalue() == ""


@pytest.mark.django_db
def test_the_database_is_not_touched(tone, transcribe, django_assert_num_queries):
    with django_assert_num_queries(0):
        transcribe(tone)


@pytest.mark.speech
@pytest.mark.django_db
def test_real_speech_is_understood_and_not_stored(settings, tmp_path, transcribe, django_assert_num_queries):
    settings.ENGINE, settings.ENGINE_MODEL, settings.DATA_DIR = "whisper", "tiny.en", tmp_path
    normalize = EnglishTextNormalizer()
    with django_assert_num_queries(0):
        out, _ = transcribe(find_speech_file("beckett.wav"))
    assert jiwer.wer(normalize(BECKETT), normalize(out)) <= 0.1
