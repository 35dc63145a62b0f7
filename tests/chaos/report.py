"""The table at the end of a run."""

import os

from tests.chaos.audit import describe_log

SUSPECTS_SHOWN = 5


def print_report(run, findings, false_expiries, seconds):
    """Print the faults and all that is wrong.

    Faults come by kind with the worst recovery. What became of the jobs is there too.
    """
    faults = run.faults
    print(f"\n{run.arguments.stack}, seed {run.arguments.seed}, {os.cpu_count()} cores, {seconds / 60:.1f} minutes")
    print(f"{'fault':<22}{'times':>7}{'held a lease':>14}{'recovered':>11}{'median':>9}{'worst':>9}{'late':>6}")
    for kind in sorted(faults.times):
        print(
            f"{kind:<22}{faults.times[kind]:>7}{count_held(kind, faults):>14}{describe_recoveries(kind, faults.watch)}"
        )
    held = sum(count_held(kind, faults) for kind in faults.times)
    print(f"{'all':<22}{faults.times.total():>7}{held:>14}")
    if faults.undone:
        print(f"planned and not done: {', '.join(faults.undone)}")
    print_jobs(run, findings)
    if false_expiries is not None:
        print(f"leases that expired with four times more load than cores, and no fault: {false_expiries}")
    print(f"lost {len(findings.lost)}, duplicated {len(findings.duplicated)}, stuck {len(findings.stuck)}")
    print_late(run)
    print_findings(run, findings)


def count_held(kind, faults):
    """Return the number of faults that struck a lease's holder.

    A chunk that crashes its engine always does.
    """
    if kind == "crashing chunk":
        return len(faults.doomed)
    return faults.held[kind]


def describe_recoveries(kind, watch):
    """Return how many struck steps recovered, and how fast.

    The seconds, and how many were later than promised.
    """
    found = sorted((it for it in watch.recoveries if it.kind == kind), key=lambda it: it.seconds)
    if not found:
        return ""
    median, worst, late = found[len(found) // 2].seconds, found[-1].seconds, sum(it.is_late for it in found)
    return f"{len(found):>11}{median:>7.1f} s{worst:>7.1f} s{late:>6}"


def print_jobs(run, findings):
    ends = ", ".join(f"{number} {end}" for end, number in sorted(findings.ends.items()))
    known = len({note.job for note in run.crowd.notes})
    print(f"jobs accepted {known} for {len(run.crowd.notes)} answers: {ends}; {findings.reused} took over a text")
    print(
        f"doomed {len(run.faults.doomed)}, crashes {len(run.faults.crashes)}, doomed that completed in spite of it "
        f"{findings.escaped}, failed as faults struck all their tries {findings.worn_out}"
    )
    print(f"late results of workers that had stood still, all refused: {findings.late_results}")
    print(f"steps done by workers that had been given a wrong clock: {findings.done_by_wrong_clocks}")
    if run.ground.has_own_disk:
        print(f"the disk was full to the last byte each time: {'yes' if run.faults.disk_was_full else 'no'}")


def print_late(run):
    """Print each late recovery, with all faults of that time."""
    for late in [recovery for recovery in run.watch.recoveries if recovery.is_late]:
        meanwhile = [f"{at - late.since:+.0f} s {kind}" for at, kind in run.faults.history if at - late.since > -10]
        during = [words for words in meanwhile if float(words.split()[0]) < late.seconds]
        print(
            f"  late: {late.step.kind} {late.step.index} after {late.seconds:.1f} s ({late.kind}); {', '.join(during)}"
        )


def print_findings(run, findings):
    """Print all that is wrong, with the logs of the first jobs."""
    for finding in [*findings.lost, *findings.duplicated, *findings.stuck, *findings.strays]:
        print(f"  {finding}")
    for job in list(dict.fromkeys(findings.suspects))[:SUSPECTS_SHOWN]:
        print(f"  log of {job}")
        for line in describe_log(job):
            print(f"    {line}")
    if not findings.is_clean:
        print(f"logs and database are kept in {run.ground.folder}")
