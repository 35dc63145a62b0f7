"""The checks at the end of a run.

They compare database, files and an undisturbed run.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from foundation.database import clusters
from jobs import conf
from jobs.models import Job, JobEvent, Recording, Segment, Step
from jobs.states import ACTIVE_STATES, JobState, StepKind, StepState
from tests.chaos.site import MAX_ATTEMPTS

# How a job ends whose engine crashed at each try; another fault may have taken the worker of the last.
DOOMED_CODES = frozenset({"engine_crashed", "worker_lost"})


@dataclass(slots=True)
class Findings:
    """What is wrong by kind, and what is worth a line."""

    lost: list = field(default_factory=list)
    duplicated: list = field(default_factory=list)
    stuck: list = field(default_factory=list)
    strays: list = field(default_factory=list)
    ends: Counter = field(default_factory=Counter)
    suspects: list = field(default_factory=list)
    worn_out: int = 0
    escaped: int = 0
    reused: int = 0
    late_results: int = 0
    done_by_wrong_clocks: int = 0

    @property
    def is_clean(self):
        return not (self.lost or self.duplicated or self.stuck or self.strays)

    def blame(self, kind, job, words):
        kind.append(f"job {job.pk}: {words}")
        self.suspects.append(job.pk)


def read_references(notes):
    """Return text and segments of each recording, by its name.

    They are from jobs that were not disturbed.
    """
    jobs = Job.objects.select_related("transcript").in_bulk([note.job for note in notes])
    found = {str(key): job for key, job in jobs.items() if job.state == JobState.COMPLETED}
    return {note.name: read_result(found[note.job]) for note in notes}


def read_result(job):
    """Return the text of a job, and its segments with their times."""
    segments = Segment.objects.filter(job=job).order_by("start", "index").values_list("start", "end", "text")
    return job.transcript.text, list(segments)


def audit(crowd, faults, references):
    """Check every accepted job, and that there is nothing else."""
    findings = Findings()
    jobs = {str(job.pk): job for job in Job.objects.select_related("recording", "transcript")}
    for note in {note.job: note for note in crowd.notes}.values():
        check_note(findings, note, jobs.get(note.job), faults, references)
    findings.lost += crowd.troubles
    check_keys(findings, crowd.notes, jobs)
    check_steps_done_once(findings)
    check_late_results(findings, faults.stops)
    check_files(findings)
    findings.done_by_wrong_clocks = count_done_by_wrong_clocks(faults.site.ground.marks)
    return findings


def check_note(findings, note, job, faults, references):
    """Check that an accepted job ended well, or was deleted on request."""
    if job is None:
        findings.ends["deleted"] += 1
        if not note.is_deleted:
            findings.lost.append(f"job {note.job} is gone")
        return
    findings.ends[job.state] += 1
    findings.reused += job.reused_from_id is not None
    if note.is_deleted:
        findings.blame(findings.stuck, job, "was deleted and is still there")
    elif job.state in ACTIVE_STATES:
        findings.blame(findings.stuck, job, f"{job.state} {job.stage}: {describe_steps(job)}")
    elif job.state == JobState.FAILED:
        check_failure(findings, note, job, faults)
    elif job.state == JobState.CANCELLED and not note.is_cancelled:
        findings.blame(findings.lost, job, "was cancelled by nobody")
    elif job.state == JobState.COMPLETED:
        check_result(findings, note, job, references)


def check_failure(findings, note, job, faults):
    """Check that only doomed or worn-out jobs failed.

    A crash at each try dooms a job; as many other faults as there are tries wear it out.
    """
    if note.is_doomed and job.error_code in DOOMED_CODES:
        return
    hits = max((faults.watch.hits.get(step.pk, 0) for step in Step.objects.filter(job=job)), default=0)
    if hits >= MAX_ATTEMPTS and job.error_code in DOOMED_CODES:
        findings.worn_out += 1
    else:
        findings.blame(findings.lost, job, f"failed with {job.error_code}: {describe_steps(job)}")


def check_result(findings, note, job, references):
    """Each second once, and word for word what came out in peace."""
    check_chunks(findings, job)
    if note.is_doomed:
        findings.escaped += 1
        return
    text, segments = read_result(job)
    wanted_text, wanted_segments = references[note.name]
    if segments != wanted_segments:
        kind = findings.duplicated if len(segments) > len(wanted_segments) else findings.lost
        findings.blame(kind, job, f"has segments {segments} instead of {wanted_segments}")
    elif text != wanted_text:
        findings.blame(findings.lost, job, f"says {text!r} instead of {wanted_text!r}")


def check_chunks(findings, job):
    """Check that the chunks cover all seconds and are done."""
    chunks = list(Step.objects.filter(job=job, kind=StepKind.CHUNK).order_by("index"))
    bounds = [(chunk.start, chunk.end) for chunk in chunks]
    follows = all(before[1] == after[0] for before, after in pairwise(bounds))
    if not chunks or bounds[0][0] != 0 or abs(bounds[-1][1] - job.recording.seconds) > 0.001 or not follows:
        findings.blame(findings.lost, job, f"{job.recording.seconds} s are not covered by {bounds}")
    if any(chunk.state != StepState.DONE for chunk in chunks):
        findings.blame(findings.lost, job, f"completed with open chunks: {describe_steps(job)}")


def check_keys(findings, notes, jobs):
    """Check that each key has one job, and each job a key."""
    by_key = defaultdict(set)
    for note in notes:
        by_key[note.key].add(note.job)
    findings.duplicated += [f"{key} made the jobs {made}" for key, made in by_key.items() if len(made) > 1]
    known = {note.job for note in notes}
    for key in set(jobs) - known:
        findings.blame(findings.duplicated, jobs[key], "was accepted, and nobody knows of it")


def check_steps_done_once(findings):
    """No finished chunk was done again, however often its job was tried."""
    done = JobEvent.objects.filter(kind="step_done", details__step=StepKind.CHUNK)
    counted = Counter(done.values_list("job", "details__index"))
    for (job, index), times in counted.items():
        if times > 1:
            findings.blame(findings.duplicated, Job(pk=job), f"chunk {index} was done {times} times")


def check_late_results(findings, stops):
    """Check that late results were refused.

    A worker brings one that stood still for longer than its lease.
    """
    for stop in [stop for stop in stops if stop.was_taken_over]:
        findings.late_results += 1
        worker = clusters.get_worker_name(stop.step.token)
        done = JobEvent.objects.filter(job=stop.step.job, kind="step_done", details__step=stop.step.kind)
        if done.filter(
            details__index=stop.step.index, details__attempt=stop.step.attempt, details__worker=worker
        ).exists():
            findings.duplicated.append(f"job {stop.step.job}: a late result was taken")


def count_done_by_wrong_clocks(marks):
    """Return the number of steps done by workers with a wrong clock."""
    wrong = {path.suffix[1:] for path in marks.glob("clock.*")}
    workers = JobEvent.objects.filter(kind="step_done").values_list("details__worker", flat=True)
    return sum(worker.rpartition(":")[2] in wrong for worker in workers)


def check_files(findings):
    """Check the files of recordings and jobs.

    The audio of each recording is what was sent, that of others is gone, and nothing is left of ended jobs.
    """
    recordings = {str(recording.pk): recording for recording in Recording.objects.all()}
    for recording in recordings.values():
        if hash_file(Path(recording.audio.path)) != recording.sha256:
            findings.lost.append(f"the audio of recording {recording.pk} is gone or another")
    kept = Path(settings.MEDIA_ROOT, "recordings").iterdir()
    findings.strays += [f"audio without a recording: {path}" for path in kept if path.name not in recordings]
    active = {str(key) for key in Job.objects.filter(state__in=ACTIVE_STATES).values_list("pk", flat=True)}
    copies = conf.get_working_dir().iterdir()
    findings.strays += [f"left over: {path}" for path in copies if path.name.partition(".")[0] not in active]


def hash_file(path):
    """Return the SHA-256 of a file, empty when it is gone."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def describe_steps(job):
    steps = Step.objects.filter(job=job).order_by("pk")
    return [f"{step.kind} {step.index} {step.state} {step.attempts} {step.error_code}".strip() for step in steps]


def describe_log(job_id):
    """Return the log of a job for the report."""
    events = JobEvent.objects.filter(job=job_id).order_by("id")
    return [
        f"{event.created_at:%H:%M:%S.%f} {event.kind} {event.state} {event.reason} {event.details}" for event in events
    ]
