"""The speed and errors of this engine beside its rivals.

Memory is compared too. They call the same model, round by round, in one run.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.speech.speech_sets import Corpus, build_corpora, describe
from benchmarks.speed.comparison import (
    BATCHES,
    BEAM_1,
    BEAM_5,
    COMMAND_LINE,
    ENGINE,
    LOADED,
    Comparison,
    Contestant,
    choose_split,
)
from benchmarks.speed.contestants import COMMAND, CORES, OWN_SPLIT, find_command, run_command, run_engine, run_setting
from benchmarks.speed.promises import judge
from benchmarks.speed.short_clip import measure_clip
from benchmarks.speed.whole_program import measure_program
from engine import ModelInfo, ModelMissing, locate_model

MODELS = ("tiny.en", "base")


def main() -> int:
    """Measure what was asked for; 1 when a promise is broken."""
    arguments = read_arguments(sys.argv[1:])
    use_cores()
    kept = []
    with tempfile.TemporaryDirectory(prefix="transcribe-bench-") as name:
        folder = Path(name)
        if arguments.clip:
            kept = [measure_clip(model, folder) for model in find_models(arguments.models, folder)]
        elif arguments.program:
            measure_program(arguments.models[0], arguments.program, arguments.minutes or 10.0, folder)
        else:
            kept = compare_models(arguments, folder)
    return 0 if all(kept) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments.

    They are `models`, `minutes`, `rounds`, `sets`, `save`, and whether instead `clip` or `program` is measured.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.against_rivals", description=__doc__)
    parser.add_argument("--models", nargs="+", default=list(MODELS), help="names or folders (default: tiny.en base)")
    parser.add_argument("--minutes", type=float, help="at most so much of each set; with --program, of each file")
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody has a turn (default: 3)")
    parser.add_argument("--sets", nargs="+", default=[], help="only these sets of speech")
    parser.add_argument("--save", type=Path, help="write each turn with its texts: JSON lines")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--clip", action="store_true", help="instead: a short clip through a child and without one")
    other.add_argument("--program", type=int, metavar="FILES", help="instead: long files through the whole program")
    return parser.parse_args(words)


def use_cores() -> None:
    """Pin this process and its children to the first cores.

    Where the system can.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def find_models(names: Sequence[str], folder: Path) -> list[ModelInfo]:
    """Return the models on this machine; print which are missing."""
    found = []
    for name in names:
        try:
            found.append(locate_model(name, folder, allow_download=False))
        except ModelMissing as error:
            print(f"{name} is not on this machine: {error.detail}")
    return found


def compare_models(arguments: argparse.Namespace, folder: Path) -> list[bool]:
    """Compare with each model and return which promises were kept."""
    corpora = build_corpora(folder, arguments.minutes, arguments.sets)
    print(
        f"{describe(corpora)}\nThe {CORES} cores are the same for all; x is seconds of audio per second of waiting.\n"
    )
    kept: list[bool] = []
    for model in find_models(arguments.models, folder):
        known = [corpus for corpus in corpora if corpus.language in model.languages]
        if known:
            kept += compare(model, known, folder, arguments)
    return kept


def compare(model: ModelInfo, corpora: Sequence[Corpus], folder: Path, arguments: argparse.Namespace) -> list[bool]:
    """Run all contestants in each round; return the kept promises.

    The table is printed.
    """
    comparison = Comparison(model.name, tuple(corpora), list_contestants(model, corpora, folder))
    for number in range(arguments.rounds):
        comparison.run_round()
        print(f"{model.name}: round {number + 1} of {arguments.rounds} is done", file=sys.stderr, flush=True)
        if arguments.save:
            save_round(comparison, arguments.save)
    print(comparison.format_table(), flush=True)
    return judge(comparison)


def save_round(comparison: Comparison, file: Path) -> None:
    """Append the last run of every contestant as JSON lines."""
    with file.open("a", encoding="utf-8") as lines:
        for contestant in comparison.contestants:
            turn = {"model": comparison.model, "contestant": contestant.name, "split": str(contestant.split)}
            print(json.dumps({**turn, **asdict(contestant.runs[-1])}, ensure_ascii=False), file=lines)


def list_contestants(model: ModelInfo, corpora: Sequence[Corpus], folder: Path) -> list[Contestant]:
    """Return all contestants with their best splits of the cores."""
    everything = [recording for corpus in corpora for recording in corpus.recordings]
    english = [recording for recording in everything if recording.language == "en"]
    run = partial(run_engine, model, folder)
    found = [Contestant(ENGINE, OWN_SPLIT, tuple(everything), run)]
    settings = (BEAM_1, BEAM_5, BATCHES)
    found += [choose_split(setting, everything, partial(run_setting, setting, model)) for setting in settings]
    if not english:
        return found
    if find_command() is None:
        print(f"{COMMAND} is not installed and left out.")
        return found
    found.append(Contestant(LOADED, OWN_SPLIT, tuple(english), partial(run, with_loading=True)))
    found.append(choose_split(COMMAND_LINE, english, partial(run_command, model, folder)))
    return found


if __name__ == "__main__":
    sys.exit(main())
