"""Find the speech model on disk or on Hugging Face.

The order: a folder, weights from packages, Hugging Face.
"""

import json
import re
from pathlib import Path

from engine.errors import ModelMissing
from engine.models.huggingface import fetch_model
from engine.models.packaged_weights import PACKAGED, assemble_model, read_checksum
from engine.types import ModelInfo

FAKE = "fake"
WEIGHTS = "model.bin"
# The size of Whisper's vocabulary when it knows more than English. A smaller one is English only, as in CTranslate2.
MULTILINGUAL_ENTRIES = 51865
LANGUAGE_TOKEN = re.compile(r"<\|([a-z]{2,3})\|>")


def locate_model(name: str, data_dir: Path, *, allow_download: bool = True) -> ModelInfo:
    """Return the model called `name`, ready to be loaded.

    The name may be a folder. Assembled weights and the record of verified files are kept under `data_dir/models`. Never
    waits longer than a few seconds for the hub to answer.

    Raises:
        ModelMissing: there is no such model here, or Hugging Face does not answer.
    """
    if name == FAKE:
        return ModelInfo(FAKE, data_dir, "", ("en", "de", "fr"))
    folder = Path(name).expanduser()
    if (folder / WEIGHTS).is_file():
        return describe_model(folder.name, folder.resolve(), data_dir)
    local = find_packaged(name, data_dir) or find_fetched(name, data_dir)
    if local is None and not allow_download:
        raise ModelMissing(f"no folder and no package holds {name}")
    return describe_model(name, local or fetch_model(name, find_huggingface_folder(name, data_dir)), data_dir)


def find_packaged(name: str, data_dir: Path) -> Path | None:
    """Return the folder of a packaged model.

    Raises:
        ModelMissing: the data folder cannot be written.
    """
    try:
        return assemble_model(PACKAGED[name], data_dir) if name in PACKAGED else None
    except OSError as error:
        raise ModelMissing(str(error)) from error


def find_fetched(name: str, data_dir: Path) -> Path | None:
    """Return the folder of a model that was fetched before.

    It came from Hugging Face.
    """
    folder = find_huggingface_folder(name, data_dir)
    return folder if (folder / WEIGHTS).is_file() else None


def find_huggingface_folder(name: str, data_dir: Path) -> Path:
    """Return the folder for a model from Hugging Face.

    It need not exist.
    """
    return data_dir / "models" / "hub" / name.replace("/", "--")


def describe_model(name: str, folder: Path, data_dir: Path) -> ModelInfo:
    """Describe the model in `folder`.

    Raises:
        ModelMissing: its files make no sense.
    """
    try:
        languages = read_languages(folder)
        return ModelInfo(name, folder, read_checksum(folder / "model.bin", data_dir), languages)
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{folder}: {error}") from error


def read_languages(folder: Path) -> tuple[str, ...]:
    """Return the language codes in a model's vocabulary.

    English alone for an English model.
    """
    entries = read_vocabulary(folder)
    if len(entries) < MULTILINGUAL_ENTRIES:
        return ("en",)
    return tuple(match[1] for entry in entries if (match := LANGUAGE_TOKEN.fullmatch(entry)))


def read_vocabulary(folder: Path) -> list[str]:
    """Return the entries of `vocabulary.json` or `vocabulary.txt`.

    Raises:
        OSError: there is neither.
        ValueError: the file is damaged.
    """
    as_json = folder / "vocabulary.json"
    if as_json.is_file():
        return list(json.loads(as_json.read_text(encoding="utf-8")))
    return (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
