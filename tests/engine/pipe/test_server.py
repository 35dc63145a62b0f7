"""The limits of a request, and the reports of failures."""

import errno
import resource

import pytest

from engine import ChunkPlan, EngineConfig, ModelInfo, ModelMissing, Span
from engine.messages import Failure, JoinRequest, PrepareRequest, Progress, TranscribeRequest
from engine.pipe import limits, server
from engine.pipe.limits import MEBIBYTE, choose_memory_limit
from engine.pipe.server import answer_request, build_recogniser
from engine.recognition.fake import FakeRecogniser
from tests.engine.sounds import make_tone, record, write_wav

CONFIG = EngineConfig(engine="fake")


@pytest.fixture(autouse=True)
def asked_limits(monkeypatch):
    """Keep the limits that requests ask for away from the test process."""
    asked = {}
    monkeypatch.setattr(resource, "setrlimit", lambda kind, values: asked.update({kind: values}))
    return asked


def answer(request):
    answers = []
    answer_request(request, FakeRecogniser(CONFIG), CONFIG, answers.append)
    return answers


def ask_to_prepare(tmp_path, **changes):
    source = write_wav(tmp_path / "a.wav", make_tone(3))
    return PrepareRequest(
        source, tmp_path / "copy.wav", **{"language": None, "max_seconds": 60.0, "timeout": 9.0, **changes}
    )


def raise_error(error):
    def run(*_):
        raise error

    return run


def test_a_preparation_is_answered_with_progress_and_a_result(tmp_path):
    *progress, result = answer(ask_to_prepare(tmp_path))
    assert {type(item) for item in progress} == {Progress}
    assert (result.value["seconds"], result.value["language"]) == (3.0, "en")


def test_a_chunk_is_answered_with_its_segments(tmp_path):
    write_wav(tmp_path / "copy.wav", make_tone(3))
    chunk = ChunkPlan(4, 0.0, 3.0, 44, 96_000, (Span(0.0, 3.0),))
    *progress, result = answer(TranscribeRequest(tmp_path / "copy.wav", chunk, "en", 9.0))
    assert [item.seconds for item in progress] == [1.0, 2.0, 3.0]
    assert (result.value["index"], len(result.value["segments"])) == (4, 3)


def test_a_chunk_without_speech_is_not_even_read(tmp_path):
    result = answer(TranscribeRequest(tmp_path / "missing.wav", ChunkPlan(0, 0.0, 9.0, 44, 9, ()), None, 9.0))[-1]
    assert (result.value["segments"], result.value["language"]) == ([], None)


def test_a_working_copy_that_ends_early_has_no_text(tmp_path):
    write_wav(tmp_path / "copy.wav", make_tone(0))
    chunk = ChunkPlan(0, 0.0, 3.0, 44, 96_000, (Span(0.0, 3.0),))
    assert answer(TranscribeRequest(tmp_path / "copy.wav", chunk, "en", 9.0))[-1].value["segments"] == []


def test_an_engine_error_is_told_by_its_code(tmp_path):
    assert answer(ask_to_prepare(tmp_path, language="xx")) == [
        Failure("unsupported_language", "xx is not one of en, de, fr")
    ]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (MemoryError("no room"), Failure("out_of_memory", "no room")),
        (OSError(errno.ENOSPC, "disk full"), Failure("storage_full", "[Errno 28] disk full")),
    ],
)
def test_what_the_machine_lacks_is_told_by_its_code(tmp_path, monkeypatch, error, failure):
    monkeypatch.setattr(server, "run_request", raise_error(error))
    assert answer(ask_to_prepare(tmp_path)) == [failure]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken disk"), ZeroDivisionError()])
def test_a_bug_ends_the_child(tmp_path, monkeypatch, error):
    monkeypatch.setattr(server, "run_request", raise_error(error))
    with pytest.raises(type(error)):
        answer(ask_to_prepare(tmp_path))


def test_a_request_may_use_twice_its_time_and_write_its_working_copy(tmp_path, asked_limits):
    before = resource.getrusage(resource.RUSAGE_SELF)
    answer(ask_to_prepare(tmp_path))
    spent = before.ru_utime + before.ru_stime
    assert asked_limits[resource.RLIMIT_CPU][0] - spent == pytest.approx(18, abs=2)
    assert asked_limits[resource.RLIMIT_FSIZE][0] == 120 * 32_000 + MEBIBYTE


def test_joining_may_write_as_much_as_the_parts_have_and_some_more(tmp_path, asked_limits):
    (tmp_path / "part").write_bytes(record(1))
    *_, result = answer(JoinRequest((tmp_path / "part",), tmp_path / "joined", 9.0))
    size = (tmp_path / "part").stat().st_size
    assert result.value["container"] == "webm"
    assert asked_limits[resource.RLIMIT_FSIZE][0] == server.JOIN_SPARE_BYTES + server.JOIN_FACTOR * size + MEBIBYTE


def test_transcribing_may_write_next_to_nothing(tmp_path, asked_limits):
    answer(TranscribeRequest(tmp_path / "a", ChunkPlan(0, 0.0, 9.0, 44, 9, ()), None, 9.0))
    assert asked_limits[resource.RLIMIT_FSIZE][0] == MEBIBYTE


@pytest.mark.parametrize(("hard", "soft"), [(resource.RLIM_INFINITY, 500), (300, 300)])
def test_a_soft_limit_never_exceeds_the_hard_one(asked_limits, monkeypatch, hard, soft):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (hard, hard))
    limits.lower_soft_limit(resource.RLIMIT_CPU, 500)
    assert asked_limits[resource.RLIMIT_CPU] == (soft, hard)


def test_a_process_is_limited_for_life(asked_limits):
    limits.restrict_process(EngineConfig(engine="fake", memory_limit_bytes=5 * MEBIBYTE))
    assert asked_limits[resource.RLIMIT_AS] == (5 * MEBIBYTE, 5 * MEBIBYTE)
    assert asked_limits[resource.RLIMIT_CORE] == (0, 0)


def test_a_system_without_glibc_shares_no_heap(monkeypatch):
    monkeypatch.setattr(limits.ctypes, "CDLL", lambda name: object())
    assert limits.share_one_heap() is None


def test_the_memory_limit_follows_the_weights(tmp_path):
    (tmp_path / "model.bin").write_bytes(bytes(1000))
    model = ModelInfo("mine", tmp_path, "", ("en",))
    assert choose_memory_limit(EngineConfig(model=model)) - choose_memory_limit(EngineConfig()) == 6000


def test_the_engine_of_the_configuration_is_built():
    assert type(build_recogniser(CONFIG)) is FakeRecogniser


def test_a_real_engine_without_a_model_is_refused():
    with pytest.raises(ModelMissing):
        build_recogniser(EngineConfig())
