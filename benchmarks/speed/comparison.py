"""The rounds of several contestants on the same recordings.

Their results are compared and printed.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.speech.speech_sets import Corpus, Recording
from benchmarks.speed.contestants import SPLITS, Run, Split
from benchmarks.words.word_errors import Block, rate_errors, score_blocks

MEBIBYTE = 1024 * 1024
ENGINE, LOADED, COMMAND_LINE = "this engine", "this engine, loading too", "command line, loading too"
BEAM_1, BEAM_5, BATCHES = "beam-1", "beam-5", "batches"
TRIAL_RECORDINGS = 2


@dataclass(frozen=True, slots=True)
class Ratio:
    """How often something goes into something else, over all rounds."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f}-{self.most:.2f})"


@dataclass(slots=True)
class Contestant:
    """One way to transcribe recordings with its split and runs."""

    name: str
    split: Split
    recordings: tuple[Recording, ...]
    transcribe: Callable[[Sequence[Recording]], Run]
    runs: list[Run] = field(default_factory=list)

    @property
    def speed(self) -> float:
        """Seconds of audio per second, the median of all rounds."""
        audio = sum(recording.seconds for recording in self.recordings)
        return audio / statistics.median(run.seconds for run in self.runs)

    @property
    def process_bytes(self) -> int:
        """Peak memory of the largest process."""
        return max(max(run.peak_bytes) for run in self.runs)

    @property
    def all_bytes(self) -> int:
        """Peak memory of all processes together."""
        return max(sum(run.peak_bytes) for run in self.runs)

    def score(self) -> dict[str, list[Block]]:
        """Return the blocks of each recording's text by file name."""
        pairs = zip(self.recordings, self.runs[0].texts, strict=True)
        return {
            recording.file.name: score_blocks(recording.utterances, text, recording.language)
            for recording, text in pairs
        }


def choose_split(
    name: str, recordings: Sequence[Recording], transcribe: Callable[[Split, Sequence[Recording]], Run]
) -> Contestant:
    """Return a contestant with the faster split of the cores.

    Each split is tried on the two shortest recordings.
    """
    trial = sorted(recordings, key=lambda recording: recording.seconds)[:TRIAL_RECORDINGS]
    tried = {split: transcribe(split, trial).seconds for split in SPLITS}
    split = min(tried, key=lambda split: tried[split])
    return Contestant(name, split, tuple(recordings), partial(transcribe, split))


@dataclass(slots=True)
class Comparison:
    """All contestants with one model on the same sets of speech."""

    model: str
    corpora: tuple[Corpus, ...]
    contestants: list[Contestant]

    def run_round(self) -> None:
        """Run every contestant once."""
        for contestant in self.contestants:
            contestant.runs.append(contestant.transcribe(contestant.recordings))

    def find(self, name: str) -> Contestant | None:
        """Return a contestant, None if it takes no part."""
        return next((contestant for contestant in self.contestants if contestant.name == name), None)

    def compare_speed(self, contestant: Contestant) -> Ratio:
        """Return how much longer a contestant takes than this engine.

        With or without loading, as it does itself.
        """
        own = self.find(LOADED if contestant.name in {LOADED, COMMAND_LINE} else ENGINE)
        if own is None:
            raise KeyError(contestant.name)
        ratios = [theirs.seconds / mine.seconds for theirs, mine in zip(contestant.runs, own.runs, strict=True)]
        return Ratio(statistics.median(ratios), min(ratios), max(ratios))

    def format_table(self) -> str:
        """Return a line for each contestant with its word error rates."""
        names = "".join(f"{corpus.name:>8}" for corpus in self.corpora)
        head = f"{self.model:<26}{'split':>6}{'speed':>8}{'time / own':>18}{'WER':>8}{names}{'MiB':>6}{'all MiB':>9}"
        return "\n".join([head, *map(self.format_line, self.contestants)])

    def format_line(self, contestant: Contestant) -> str:
        """Return one line of the table."""
        scores = contestant.score()
        everything = rate_errors([block for blocks in scores.values() for block in blocks])
        rates = "".join(f"{format_rate(corpus, scores):>8}" for corpus in self.corpora)
        memory = f"{contestant.process_bytes / MEBIBYTE:>6.0f}{contestant.all_bytes / MEBIBYTE:>9.0f}"
        ratio = str(self.compare_speed(contestant))
        speed = f"{contestant.speed:.1f}x"
        return f"{contestant.name:<26}{contestant.split!s:>6}{speed:>8}{ratio:>18}{everything:>8.1%}{rates}{memory}"


def format_rate(corpus: Corpus, scores: dict[str, list[Block]]) -> str:
    """Return the word error rate on a set.

    A dash when it was not transcribed.
    """
    names = [recording.file.name for recording in corpus.recordings]
    blocks = [block for name in names for block in scores.get(name, ())]
    return f"{rate_errors(blocks):.1%}" if blocks else "-"
