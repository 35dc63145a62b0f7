"""The promises about this engine beside its rivals.

Each is printed as kept or broken.
"""

from benchmarks.speed.comparison import BEAM_1, BEAM_5, COMMAND_LINE, ENGINE, MEBIBYTE, Comparison, Contestant
from benchmarks.words.word_errors import bound_difference, rate_errors

# Each a ratio within one run: how much longer others take.
LEAST_AGAINST_SEQUENTIAL, LEAST_AGAINST_COMMAND_LINE = 2.0, 3.0


def judge(comparison: Comparison) -> list[bool]:
    """Print each promise as kept or broken; return which were kept."""
    own, beam_1, beam_5 = (comparison.find(name) for name in (ENGINE, BEAM_1, BEAM_5))
    command_line = comparison.find(COMMAND_LINE)
    kept = []
    if own and beam_1 and beam_5:
        fastest = max((beam_1, beam_5), key=lambda contestant: contestant.speed)
        kept.append(judge_speed(comparison, fastest, LEAST_AGAINST_SEQUENTIAL))
        kept += [judge_errors(own, beam_5), judge_memory(own, fastest)]
    if command_line:
        kept.append(judge_speed(comparison, command_line, LEAST_AGAINST_COMMAND_LINE))
    print(flush=True)
    return kept


def judge_speed(comparison: Comparison, other: Contestant, least: float) -> bool:
    """Judge by the median of the rounds."""
    ratio = comparison.compare_speed(other)
    return report(f"{ratio} times as fast as {other.name} (>= {least:g})", kept=ratio.middle >= least)


def judge_errors(own: Contestant, other: Contestant) -> bool:
    """Judge the word error rates by their difference.

    The interval shows how much of it may be chance.
    """
    mine = [block for blocks in own.score().values() for block in blocks]
    theirs = [block for blocks in other.score().values() for block in blocks]
    difference = rate_errors(mine) - rate_errors(theirs)
    low, high = bound_difference(mine, theirs)
    chance = ", which may be chance" if low <= 0 <= high else ""
    line = f"word error rate {difference:+.2%} against {other.name} (95 %: {low:+.2%} to {high:+.2%}{chance}; <= 0)"
    return report(line, kept=difference <= 0)


def judge_memory(own: Contestant, other: Contestant) -> bool:
    """Judge the memory of one process against that of another.

    How many there are is a choice of each contestant.
    """
    mine, theirs = own.process_bytes / MEBIBYTE, other.process_bytes / MEBIBYTE
    return report(f"{mine:.0f} MiB a process against {theirs:.0f} MiB of {other.name}", kept=mine <= theirs)


def report(line: str, *, kept: bool) -> bool:
    """Print a promise and return whether it was kept."""
    print(f"{'kept' if kept else 'broken':<8}{line}", flush=True)
    return kept
