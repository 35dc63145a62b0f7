"""Sets of real speech with known text.

They are made on demand out of packages; no clip and no text is in two of them.

`python -m benchmarks.speech.speech_sets FOLDER` writes them to a folder and lists them.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.speech.clips import Clip, Take, Utterance, assemble, set_levels
from benchmarks.speech.debian_packages import PackageMissing
from benchmarks.speech.game_lines import read_lines
from benchmarks.speech.sample_reading import TEXT, find_sample
from benchmarks.speech.telephone_prompts import read_prompts
from benchmarks.speech.waveforms import make_noise, mix, read_sound, write_sound

SEED = 1
PINK = 1.0
NOISE_RATIOS_DB = (10.0, 5.0)


@dataclass(frozen=True, slots=True)
class Recording:
    """A file in one language and what is said in it."""

    file: Path
    language: str
    seconds: float
    utterances: tuple[Utterance, ...]

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(said.text for said in self.utterances)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Recordings of one kind."""

    name: str
    language: str
    recordings: tuple[Recording, ...]

    @property
    def seconds(self) -> float:
        """How long they are together."""
        return sum(recording.seconds for recording in self.recordings)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a set.

    `recordings` of `minutes` each, out of one source.
    """

    name: str
    source: str
    recordings: int
    minutes: float


# Even numbers, so that two processes which share the recordings have the same to do.
PLANS = (
    Plan("read", "en", 4, 4.0),
    Plan("noisy", "en", 2, 3.5),
    Plan("acted", "acted", 4, 3.0),
    Plan("es", "es", 2, 2.0),
    Plan("fr", "fr", 2, 2.0),
    Plan("it", "it", 2, 2.0),
)
ENGLISH = {"en", "acted"}


def build_corpora(folder: Path, minutes: float | None = None, names: Iterable[str] = ()) -> list[Corpus]:
    """Write the chosen sets with at most `minutes` each.

    All without `names`. The reason for a missing one is printed.
    """
    wanted = set(names) or {plan.name for plan in PLANS}
    sources = {plan.source: open_source(plan.source) for plan in PLANS if plan.name in wanted}
    built = []
    for plan in PLANS:
        if plan.name in wanted:
            try:
                built.append(build_corpus(plan, sources[plan.source], folder, minutes))
            except PackageMissing as error:
                print(f"{plan.name} is left out: {error}", flush=True)
    return built


def open_source(name: str) -> Iterator[Clip]:
    """Yield the clips of a source for single use.

    What is missing shows at the first.

    Raises:
        PackageMissing: it is not there.
    """
    if name == "acted":
        yield from set_levels(read_lines(SEED))
    elif name == "en":
        reading = Clip(read_sound(find_sample()), TEXT)
        yield from set_levels(chain([reading], read_prompts("en", SEED)))
    else:
        yield from set_levels(read_prompts(name, SEED))


def build_corpus(plan: Plan, clips: Iterator[Clip], folder: Path, minutes: float | None) -> Corpus:
    """Write the recordings of a set.

    Raises:
        PackageMissing: not a single one could be made.
    """
    random = np.random.default_rng(SEED)
    language = "en" if plan.source in ENGLISH else plan.source
    each = plan.minutes if minutes is None else min(plan.minutes, minutes / plan.recordings)
    recordings = []
    for number in range(plan.recordings):
        take = assemble(clips, each * 60, random)
        if take.utterances:
            spoiled = spoil(take, NOISE_RATIOS_DB[number]) if plan.name == "noisy" else take
            recordings.append(write_take(spoiled, folder / f"{plan.name}-{number + 1}.wav", language))
    if not recordings:
        raise PackageMissing("there are too few clips")
    return Corpus(plan.name, language, tuple(recordings))


def spoil(take: Take, ratio_db: float) -> Take:
    """Add pink noise `ratio_db` decibels below the speech."""
    noise = make_noise(len(take.signal), PINK, np.random.default_rng(SEED))
    return Take(mix(take.signal, noise, ratio_db), take.utterances)


def write_take(take: Take, file: Path, language: str) -> Recording:
    """Write a take to a file."""
    return Recording(write_sound(file, take.signal), language, take.seconds, take.utterances)


def build_long_recordings(folder: Path, number: int, minutes: float) -> list[Recording]:
    """Write up to `number` long English recordings.

    There are fewer where speech runs out.

    Raises:
        PackageMissing: there is no source of speech.
    """
    clips, random = chain(open_source("en"), open_source("acted")), np.random.default_rng(SEED)
    takes = (assemble(clips, minutes * 60, random) for _ in range(number))
    return [
        write_take(take, folder / f"long-{index}.wav", "en") for index, take in enumerate(takes, 1) if take.utterances
    ]


def describe(corpora: Sequence[Corpus]) -> str:
    """Return a table of the sets."""
    lines = [f"{'set':<8}{'language':<10}{'recordings':>10}{'minutes':>9}{'utterances':>12}{'words':>7}"]
    for corpus in corpora:
        utterances = sum(len(recording.utterances) for recording in corpus.recordings)
        words = sum(len(recording.text.split()) for recording in corpus.recordings)
        lines.append(
            f"{corpus.name:<8}{corpus.language:<10}{len(corpus.recordings):>10}{corpus.seconds / 60:>9.1f}"
            f"{utterances:>12}{words:>7}"
        )
    minutes = sum(corpus.seconds for corpus in corpora) / 60
    return "\n".join([*lines, f"{minutes:.1f} minutes together, none of which repeats."])


def main() -> None:
    """Write all sets to the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(describe(build_corpora(folder)))


if __name__ == "__main__":
    main()
