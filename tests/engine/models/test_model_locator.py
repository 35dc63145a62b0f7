"""Models are found and verified once without endless waits."""

import json
import multiprocessing
import sys
import time
from dataclasses import replace

import pytest

from engine import ModelMissing, locate_model
from engine.models import huggingface, model_locator, packaged_weights
from engine.models.packaged_weights import BASE, PACKAGED, PackagedFile, PackagedModel, assemble_model, read_checksum

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
FAR_FROM_BASE = {"base": replace(BASE, files=(PackagedFile("model.bin", (("no-such-package", "x"),), HELLO),))}


def make_model(folder, entries=51_864, name="vocabulary.txt"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_bytes(b"hello")
    tokens = ["a"] * (entries - 4) + ["<|startoftranscript|>", "<|en|>", "<|yue|>", "<|translate|>"]
    text = json.dumps(tokens) if name.endswith("json") else "\n".join(tokens) + "\n"
    (folder / name).write_text(text)
    return folder


@pytest.fixture
def without_packages(monkeypatch):
    monkeypatch.setattr(model_locator, "PACKAGED", FAR_FROM_BASE)


@pytest.fixture
def fetch_with(monkeypatch):
    """Replace the fetching process by a few lines of Python.

    sys.argv holds name and folder.
    """

    def replace_command(code):
        monkeypatch.setattr(huggingface, "COMMAND", [sys.executable, "-c", code])

    return replace_command


def test_a_folder_is_a_model(tmp_path):
    model = locate_model(str(make_model(tmp_path / "mine")), tmp_path)
    assert (model.name, model.path, model.checksum) == ("mine", tmp_path / "mine", HELLO)


@pytest.mark.parametrize(("entries", "languages"), [(51_864, ("en",)), (51_865, ("en", "yue"))])
@pytest.mark.parametrize("name", ["vocabulary.txt", "vocabulary.json"])
def test_the_vocabulary_tells_the_languages(tmp_path, entries, languages, name):
    folder = make_model(tmp_path / "mine", entries, name)
    assert locate_model(str(folder), tmp_path).languages == languages


def test_a_folder_without_vocabulary_is_no_model(tmp_path):
    folder = make_model(tmp_path / "mine")
    (folder / "vocabulary.txt").unlink()
    with pytest.raises(ModelMissing):
        locate_model(str(folder), tmp_path)


def test_the_fake_engine_needs_no_weights(tmp_path):
    assert locate_model("fake", tmp_path).languages == ("en", "de", "fr")


def test_the_packaged_english_model_knows_english(tiny_en):
    assert (tiny_en.languages, tiny_en.checksum[:8]) == (("en",), "1a5afae0")


def test_the_packaged_base_model_knows_99_languages(base):
    assert (len(base.languages), base.checksum[:8]) == (99, "d01c3014")
    assert {"en", "de", "zh", "haw"} < set(base.languages)


def test_a_located_model_is_not_read_again(base, model_dir, monkeypatch):
    monkeypatch.delattr(packaged_weights, "compute_checksum")
    assert locate_model("base", model_dir, allow_download=False) == base


def test_without_package_and_hub_the_model_is_missing(tmp_path, without_packages):
    with pytest.raises(ModelMissing):
        locate_model("base", tmp_path, allow_download=False)


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(ModelMissing, match="models"):
        locate_model("base", tmp_path, allow_download=False)


def test_changed_weights_are_verified_again(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"hello")
    assert read_checksum(path, tmp_path) == HELLO
    path.write_bytes(b"other")
    assert read_checksum(path, tmp_path) != HELLO


def test_a_broken_record_only_costs_time(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "verified.json").write_text("{")
    (tmp_path / "model.bin").write_bytes(b"hello")
    assert read_checksum(tmp_path / "model.bin", tmp_path) == HELLO


def test_damaged_weights_are_refused_and_removed(tmp_path):
    damaged = PackagedModel("base", (replace(BASE.files[1], sha256=HELLO),))
    assert assemble_model(damaged, tmp_path) is None
    assert not (tmp_path / "models" / "base" / "config.json").exists()


def test_a_package_without_its_file_is_as_good_as_missing(tmp_path):
    hollow = PackagedModel("base", (PackagedFile("model.bin", (("faster-whisper", "no/such/file"),), HELLO),))
    assert assemble_model(hollow, tmp_path) is None


def test_damaged_files_in_the_data_folder_are_replaced(base, model_dir):
    path = base.path / "config.json"
    path.unlink()
    path.write_text("damaged")
    assert assemble_model(BASE, model_dir) == base.path
    assert read_checksum(path, model_dir) == BASE.files[1].sha256


def test_where_links_are_impossible_files_are_copied(tmp_path, monkeypatch):
    (tmp_path / "from").write_text("hello")
    monkeypatch.setattr(packaged_weights.os, "link", lambda *_: (_ for _ in ()).throw(OSError("other file system")))
    packaged_weights.link_file(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to").read_text() == "hello"


def test_two_processes_may_assemble_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        folders = pool.starmap(assemble_model, [(PACKAGED["base"], tmp_path)] * 2)
    assert folders == [tmp_path / "models" / "base"] * 2
    assert sorted(path.name for path in folders[0].iterdir()) == sorted(file.name for file in BASE.files)


GIVE_MODEL = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[2])
(folder / "vocabulary.txt").write_text("a")
(folder / "model.bin").write_text("hello")
"""


def test_the_hub_is_the_last_resort(tmp_path, without_packages, fetch_with):
    fetch_with(GIVE_MODEL)
    model = locate_model("base", tmp_path)
    assert (model.path, model.checksum) == (tmp_path / "models" / "hub" / "base", HELLO)


def test_what_was_fetched_once_is_found_without_the_hub(tmp_path, without_packages, fetch_with):
    fetch_with(GIVE_MODEL)
    model = locate_model("base", tmp_path)
    assert locate_model("base", tmp_path, allow_download=False) == model


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "pass"])
def test_a_hub_that_refuses_means_the_model_is_missing(tmp_path, fetch_with, code):
    fetch_with(code)
    with pytest.raises(ModelMissing, match="did not give"):
        locate_model("small", tmp_path)


def test_a_hub_that_does_not_answer_is_given_up(tmp_path, fetch_with, monkeypatch):
    monkeypatch.setattr(huggingface, "STALL_SECONDS", 0.3)
    fetch_with("import time; time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(ModelMissing, match="did not answer"):
        locate_model("small", tmp_path)
    assert time.monotonic() - started < 5


def test_a_slow_hub_is_waited_for_as_long_as_bytes_arrive(tmp_path, fetch_with, monkeypatch):
    monkeypatch.setattr(huggingface, "STALL_SECONDS", 1.0)
    monkeypatch.setattr(huggingface, "POLL_SECONDS", 0.05)
    fetch_with(
        "import pathlib, sys, time\nfolder = pathlib.Path(sys.argv[2])\n"
        "for index in range(6):\n    time.sleep(0.3); (folder / str(index)).write_text('x')\n"
        "(folder / 'vocabulary.txt').write_text('a'); (folder / 'model.bin').write_text('hello')"
    )
    assert locate_model("small", tmp_path).name == "small"


def test_a_file_that_vanishes_while_it_is_measured_is_passed_over(tmp_path):
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "here").write_text("12345")
    assert huggingface.measure_folder(tmp_path) == 5
