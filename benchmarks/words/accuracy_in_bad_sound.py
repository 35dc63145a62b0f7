"""The accuracy of words in bad sound.

Also the words invented without speech, and the truth of the review flags.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.speech.clips import Clip, Take, assemble
from benchmarks.speech.debian_packages import PackageMissing
from benchmarks.speech.speech_sets import SEED, open_source
from benchmarks.speech.waveforms import write_sound
from benchmarks.speed.engine_children import Sound, transcribe_all, warm_up
from benchmarks.words.bad_sound import Others, build_conditions, gather_others
from benchmarks.words.probability_tables import print_calibration
from benchmarks.words.sounds_without_speech import make_sounds
from benchmarks.words.word_errors import rate_errors, score_blocks
from benchmarks.words.word_probabilities import JudgedWord, judge_words, measure_marks
from engine import EngineClient, EngineConfig, ModelInfo, ModelMissing, Transcript, locate_model, needs_review

MODELS = ("tiny.en", "base")
LANGUAGE = "en"
CHILDREN = 2
HEADER = (
    f"{'condition':<20}{'WER':>7}{'words':>7}{'kept':>7}{'coverage':>10}{'review':>8}"
    f"{'wrong marked':>14}{'right marked':>14}  flags"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one condition; of non-speech, nothing was said."""

    name: str
    take: Take
    transcript: Transcript

    @property
    def words(self) -> int:
        """How many words were written."""
        return len(self.transcript.text.split())

    def judge(self) -> list[JudgedWord]:
        """Return its words and whether they are right."""
        return judge_words(self.name, self.take.utterances, self.transcript, LANGUAGE)


def main() -> int:
    """Measure each model; 1 when an aim was missed."""
    arguments = read_arguments(sys.argv[1:])
    kept = []
    with tempfile.TemporaryDirectory(prefix="transcribe-bench-") as name:
        folder = Path(name)
        takes = dict(make_takes(arguments.minutes))
        silent = {name: Take(signal, ()) for name, signal in make_sounds().items()}
        if arguments.save:
            arguments.save.write_text("")
        for model_name in arguments.models:
            try:
                model = locate_model(model_name, folder, allow_download=False)
            except ModelMissing as error:
                print(f"{model_name} is not on this machine: {error.detail}")
                continue
            kept += measure_model(model, takes, silent, folder, arguments.save)
    return 0 if all(kept) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the models and minutes and the file for words.

    The minutes are those of speech in each condition. The file is `save`.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words.accuracy_in_bad_sound", description=__doc__)
    parser.add_argument("--models", nargs="+", default=list(MODELS), help="names or folders (default: tiny.en base)")
    parser.add_argument("--minutes", type=float, default=4.0, help="speech in each condition (default: 4)")
    parser.add_argument(
        "--save", type=Path, help="write each word, its probability and whether it is right: JSON lines"
    )
    return parser.parse_args(words)


def make_takes(minutes: float) -> Iterator[tuple[str, Take]]:
    """Yield the same speech in each condition."""
    clean = assemble(open_source("en"), minutes * 60, np.random.default_rng(SEED))
    for name, spoil in build_conditions(find_others()).items():
        yield name, spoil(clean)


def find_others() -> Others:
    """Return other voices of actors or of readers.

    Readers in other languages stand in where the actors are not available.

    Raises:
        PackageMissing: neither is available.
    """
    try:
        return gather_others(open_source("acted"))
    except PackageMissing as error:
        print(f"the babble is in other languages: {error}")
        foreign: Iterator[Clip] = chain.from_iterable(zip(*map(open_source, ("es", "fr", "it")), strict=False))
        return gather_others(foreign)


def measure_model(
    model: ModelInfo, takes: dict[str, Take], silent: dict[str, Take], folder: Path, save: Path | None
) -> list[bool]:
    """Transcribe all conditions and print all tables.

    Returns which aims were reached.

    Raises:
        EngineError: the engine failed.
    """
    results = transcribe_takes(model, {**takes, **{f"{name} alone": take for name, take in silent.items()}}, folder)
    spoken, invented = results[: len(takes)], results[len(takes) :]
    judged = [word for result in spoken for word in result.judge()]
    print(f"{model.name}: {spoken[0].take.seconds / 60:.1f} minutes of read English in each condition\n{HEADER}")
    for result in spoken:
        print(format_result(result, spoken[0].words, [word for word in judged if word.condition == result.name]))
    print_invented(invented)
    if save is not None:
        save_words(save, model.name, [*judged, *(word for result in invented for word in result.judge())])
    return print_calibration(judged)


def transcribe_takes(model: ModelInfo, takes: dict[str, Take], folder: Path) -> list[Result]:
    """Transcribe each condition as a recording of its own.

    Raises:
        EngineError: the engine failed.
    """
    sounds = [
        Sound(write_sound(folder / f"condition-{number}.wav", take.signal), LANGUAGE)
        for number, take in enumerate(takes.values())
    ]
    with ExitStack() as stack:
        clients = [stack.enter_context(EngineClient(EngineConfig(model=model))) for _ in range(CHILDREN)]
        for client in clients:
            warm_up(client, folder)
        transcripts = transcribe_all(clients, sounds, folder)
    pairs = zip(takes.items(), transcripts, strict=True)
    return [Result(name, take, transcript) for (name, take), transcript in pairs]


def format_result(result: Result, clean_words: int, judged: Sequence[JudgedWord]) -> str:
    """Return the line of one condition.

    `kept` is how many words there are for each word of the clean version.
    """
    errors = rate_errors(score_blocks(result.take.utterances, result.transcript.text, LANGUAGE))
    coverage = result.transcript.coverage
    wrong, right = measure_marks(judged)
    return (
        f"{result.name:<20}{errors:>7.1%}{result.words:>7}{result.words / max(1, clean_words):>7.0%}"
        f"{'-' if coverage is None else f'{coverage:.0%}':>10}{'yes' if needs_review(result.transcript) else 'no':>8}"
        f"{wrong:>14.0%}{right:>14.0%}  {format_flags(result.transcript)}"
    )


def format_flags(transcript: Transcript) -> str:
    """Return the flags of the whole and the counts of those of spots."""
    places = Counter(flag for spot in transcript.review_spots for flag in spot.flags)
    return ", ".join([*transcript.flags, *(f"{number} {flag}" for flag, number in places.most_common())])


def print_invented(results: Sequence[Result]) -> None:
    """Print the text that was written without any speech."""
    minutes = sum(result.take.seconds for result in results) / 60
    print(f"\n{sum(result.words for result in results)} words invented in {minutes:.0f} minutes without speech")
    for result in results:
        if result.words:
            print(f"  {result.name}: {result.transcript.text[:100]!r} {format_flags(result.transcript)}")


def save_words(file: Path, model: str, words: Sequence[JudgedWord]) -> None:
    """Append the words as JSON lines."""
    with file.open("a", encoding="utf-8") as lines:
        for word in words:
            print(json.dumps({"model": model, **asdict(word)}, ensure_ascii=False), file=lines)


if __name__ == "__main__":
    sys.exit(main())
