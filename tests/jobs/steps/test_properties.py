"""Each job ends, and each second of its sound is there once.

Whatever happens, and in whatever order. Hypothesis plays a whole installation (tests/jobs/steps/simulation.py): people
submit, cancel, retry and delete; workers run in turn at every transaction, fail, go silent, or wake up after their
lease; wake-ups get lost or doubled; the clock jumps. After each move the rules below must hold, and at the end, once
things are calm, everything must come to its end.

`TRANSCRIBE_TEST_EXAMPLES=2000` plays longer than `make test` does.
"""

import json
import os
import shutil
import sys
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, Phase, note
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from engine import EngineCrashed, EngineTimeout, UnreadableMedia
from foundation.database.leased_queue import CLAIM_SECONDS
from jobs import conf
from jobs.domain.base import storage
from jobs.domain.intake import submit
from jobs.domain.lifecycle import control
from jobs.domain.steps.step_queue import STEPS
from jobs.errors import JobError, UnexpectedFailure
from jobs.models import Job, JobEvent, Recording, Segment, Step, Transcript
from jobs.states import ACTIVE_STATES, RETRYABLE_STATES, JobState, StepKind, StepState, can_change
from tests.jobs.sounds import build_upload
from tests.jobs.steps.simulation import ANSWER, ENGINE, simulate

PROFILE = profile(
    max_examples=int(os.environ.get("TRANSCRIBE_TEST_EXAMPLES", "30")),
    stateful_step_count=30,
    deadline=None,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
    # The phase that explains a failure traces calls, and loses its way among greenlets.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
WORKERS = 3
JOBS = 6
ERRORS = (EngineCrashed, EngineTimeout, UnreadableMedia)
ROUNDS = 90
ROUND_SECONDS = 2.0
# None: on and on, up to the engine or the end.
TURNS = st.sampled_from([None, None, None, 1, 2, 3, 5, 8])
ORDERS = st.sampled_from([*[ANSWER] * 6, *["tick"] * 3, *ERRORS, "vanish", "stop", "double"])
NUMBERS = st.integers(0, 11)
OWNERS = st.integers(0, 2)
TENS = st.integers(1, 4)
SILENT = st.sets(st.integers(0, 3), max_size=2)
MOVES = st.tuples(NUMBERS, ORDERS, TURNS)
SOUNDS = st.tuples(OWNERS, TENS, SILENT)
JUMPS = (-3600.0, -15.0, 15.0, 3600.0)


class Installation(RuleBasedStateMachine):
    """What may happen to an installation, and what must hold then."""

    def __init__(self, begin, people):
        super().__init__()
        self.world = begin()
        self.people = people
        self.sounds = []
        self.texts = {}
        self.errors = defaultdict(set)

    @initialize(sounds=st.lists(SOUNDS, min_size=1, max_size=3))
    def begin_with_some_jobs(self, sounds):
        for owner, tens, silent in sounds:
            self.submit(owner=owner, tens=tens, silent=silent, is_known=False, turns=None)

    # People

    @rule(owner=OWNERS, tens=TENS, silent=SILENT, is_known=st.booleans(), turns=TURNS)
    @precondition(lambda self: Job.objects.count() < JOBS)
    def submit(self, owner, tens, silent, is_known, turns):
        if not (is_known and self.sounds):
            silent = sorted(ten for ten in silent if ten < tens)
            self.sounds.append({"tens": tens, "silent": silent, "number": len(self.sounds)})
        upload = build_upload(json.dumps(self.sounds[-1]).encode())
        self.begin("submit", lambda: submit.submit_upload(self.people[owner], upload), turns)

    @rule(number=NUMBERS, turns=TURNS)
    @precondition(lambda self: Job.objects.filter(state__in=ACTIVE_STATES).exists())
    def cancel(self, number, turns):
        job = self.pick_job(number)
        self.begin("cancel", lambda: control.cancel_job(job, job.owner), turns)

    @rule(number=NUMBERS, turns=TURNS)
    @precondition(lambda self: Job.objects.filter(state__in=RETRYABLE_STATES).exists())
    def retry(self, number, turns):
        job = self.pick_job(number, state__in=RETRYABLE_STATES)
        self.begin("retry", lambda: control.retry_job(job, job.owner), turns)

    @rule(number=NUMBERS, turns=TURNS)
    @precondition(lambda self: Job.objects.exists())
    def delete(self, number, turns):
        recording = self.pick_job(number).recording
        self.begin("delete", lambda: control.delete_recording(recording), turns)

    # Wake-ups, workers and everything else that runs

    @rule(moves=st.lists(MOVES, min_size=1, max_size=10), outage=st.sampled_from([*["none"] * 5, "database", "disk"]))
    def run(self, moves, outage):
        self.world.is_database_away, self.world.is_disk_full = outage == "database", outage == "disk"
        for number, order, turns in moves:
            if self.world.queue and len(self.find("worker")) < WORKERS:
                self.world.queue -= order != "double"
                self.world.start("worker", lambda: STEPS.work_for(CLAIM_SECONDS))
            if self.world.processes:
                self.move(self.pick(number), order, turns)
        self.world.is_database_away = self.world.is_disk_full = False

    def move(self, process, order, turns):
        if order == "vanish":
            self.world.kill(process)
        elif order == "stop":
            process.is_stopping = True
        elif process.place != ENGINE:
            self.go(process, turns)
        elif order in ERRORS:
            self.note_error(process, order.code)
            self.command(process, order("on purpose"), turns)
        elif order == "tick":
            self.world.clock.passed += 1
            self.command(process, float(turns or 0), turns)
        else:
            self.command(process, ANSWER, turns)

    @rule(number=NUMBERS, turns=TURNS)
    @precondition(lambda self: self.find("worker", at_engine=True))
    def oversleep(self, number, turns):
        """Let a worker sleep until its step was taken, then answer."""
        sleeper = self.pick(number, "worker", at_engine=True)
        self.world.clock.passed += conf.LEASE_SECONDS + 1
        self.begin("sweep", STEPS.reap, None)
        self.begin("worker", lambda: STEPS.work_for(CLAIM_SECONDS), None)
        self.command(sleeper, ANSWER, turns)

    # The rest of the world

    @rule(turns=TURNS)
    @precondition(lambda self: len(self.find("sweep")) < 2)
    def sweep(self, turns):
        self.begin("sweep", STEPS.reap, turns)

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0, 130.0, *JUMPS]))
    def let_time_pass(self, seconds):
        if seconds in JUMPS:
            self.world.clock.jumped += seconds
        else:
            self.world.clock.passed += seconds

    @rule(trouble=st.sampled_from(["nudges", "files", "commit", "cut"]), turns=TURNS)
    def meet_trouble(self, trouble, turns):
        """Cause one of four troubles."""
        if trouble == "nudges":
            self.world.queue = 0
        elif trouble == "files":
            self.begin("tidy", storage.remove_stale_files, turns)
        elif trouble == "commit":
            self.world.breaks_next_commit = True
        else:
            self.world.engine.cut_seconds = 15.0 - self.world.engine.cut_seconds

    # How the moves are made

    def begin(self, kind, run, turns):
        self.go(self.world.start(kind, run if kind == "worker" else forgive(run)), turns)

    def command(self, worker, order, turns):
        worker.go_on(order)
        self.go(worker, turns)

    def go(self, process, turns):
        process.run(turns)
        self.world.tidy()

    def find(self, kind="", at_engine=None):
        return [
            one
            for one in self.world.processes
            if one.name.startswith(kind) and at_engine in (None, one.place == ENGINE)
        ]

    def pick(self, number, kind="", at_engine=None):
        found = self.find(kind, at_engine)
        note(f"    of {found} the one is {found[number % len(found)]}")
        return found[number % len(found)]

    def pick_job(self, number, **filters):
        jobs = Job.objects.filter(**filters).order_by("created_at")
        return jobs[number % jobs.count()]

    def note_error(self, worker, code):
        step = Step.objects.filter(claimed_by__startswith=f"{worker.name}:", state=StepState.RUNNING).first()
        if step is not None:
            self.errors[step.job_id].add(UnexpectedFailure.code if step.kind == StepKind.FINISH else code)

    # What must hold

    @invariant()
    def rules_hold(self):
        self.steps_are_in_order()
        self.done_chunks_stay_as_they_are()
        self.every_change_of_state_has_its_event()
        self.completed_jobs_are_whole()
        self.jobs_fail_for_a_reason()

    def steps_are_in_order(self):
        ended = set(Job.objects.exclude(state__in=ACTIVE_STATES).values_list("pk", flat=True))
        held = Counter()
        for step in Step.objects.all():
            is_open = step.state in {StepState.WAITING, StepState.RUNNING}
            assert not (is_open and step.job_id in ended), f"{step} is open, its job has ended"
            assert step.attempts <= conf.get_max_attempts()
            assert 0 <= step.seconds_done <= step.end - step.start
            held[step.claimed_by.partition(":")[0]] += step.state == StepState.RUNNING
        at_work = {process.name for process in [*self.world.processes, *self.world.dead]}
        misled = self.world.misled
        assert {name for name, number in held.items() if number > (name in at_work)} <= misled

    def done_chunks_stay_as_they_are(self):
        said = defaultdict(list)
        for chunk_id, text in Segment.objects.order_by("start").values_list("chunk", "text"):
            said[chunk_id].append(text)
        chunks = {chunk.pk: chunk for chunk in Step.objects.filter(kind=StepKind.CHUNK)}
        for pk, chunk in chunks.items():
            texts = said.pop(pk, [])
            is_done = chunk.state == StepState.DONE
            assert len(texts) == (is_done and bool(chunk.speech)), f"{chunk} is {chunk.state} and says {texts}"
            assert is_done or pk not in self.texts, f"{chunk} was done and is {chunk.state}"
            if is_done:
                assert self.texts.setdefault(pk, texts) == texts
        assert said == {}

    def every_change_of_state_has_its_event(self):
        passed = defaultdict(list)
        events = JobEvent.objects.filter(kind__in=["created", "state"]).order_by("pk")
        for job_id, state in events.values_list("job", "state"):
            passed[job_id].append(JobState(state))
        for job in Job.objects.all():
            way = passed[job.pk]
            assert (way[0], way[-1]) == (JobState.PENDING, job.state)
            assert all(can_change(old, new) for old, new in pairwise(way)), way
            assert job.attempts == way.count(JobState.PROCESSING)
            assert 0 <= job.progress <= 100

    def completed_jobs_are_whole(self):
        for job in Job.objects.filter(state=JobState.COMPLETED).select_related("transcript", "recording"):
            chunks = list(Step.objects.filter(job=job, kind=StepKind.CHUNK).order_by("index"))
            edges = [edge for chunk in chunks for edge in (chunk.start, chunk.end)]
            assert edges == sorted(edges)
            assert edges[1:-1:2] == edges[2::2], "the chunks leave no gap and do not overlap"
            assert (edges[0], edges[-1]) == (0, job.recording.seconds)
            assert all(chunk.state == StepState.DONE for chunk in chunks)
            text = " ".join(text for chunk in chunks for text in self.texts[chunk.pk])
            assert (job.progress, job.transcript.is_complete, job.transcript.text) == (100, True, text)

    def jobs_fail_for_a_reason(self):
        for job in Job.objects.filter(state=JobState.FAILED):
            assert job.error_code in {"worker_lost"} | self.errors[job.pk]

    # The end

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:
                self.calm_down()
        finally:
            self.world.close()
            clear_away()

    def calm_down(self):
        """Check that all comes to its end by itself.

        From here on nothing goes wrong any more.
        """
        for _ in range(ROUNDS):
            if not self.world.processes and not Job.objects.filter(state__in=ACTIVE_STATES).exists():
                break
            self.play_round()
            self.rules_hold()
        stuck = list(
            Job.objects.filter(state__in=ACTIVE_STATES).values("state", "stage", "steps__kind", "steps__state")
        )
        assert stuck == []
        assert self.world.processes == []

    def play_round(self):
        """Play two seconds of a healthy installation.

        Workers work, wake-ups come, a supervisor reaps.
        """
        self.world.clock.passed += ROUND_SECONDS
        self.world.start("sweep", forgive(STEPS.reap))
        while self.world.queue and len(self.find("worker")) < WORKERS:
            self.world.queue -= 1
            self.world.start("worker", lambda: STEPS.work_for(CLAIM_SECONDS))
        while self.world.processes:
            for process in list(self.world.processes):
                if process.run() == ENGINE:
                    process.go_on(ANSWER)
            self.world.tidy()


def forgive(run):
    """Return `run`, which ends quietly on expected errors.

    These are what a request may be answered with, or a supervisor tries again after.
    """

    def attempt():
        try:
            run()
        except (JobError, Job.DoesNotExist, OperationalError):
            return

    return attempt


def clear_away():
    for model in (JobEvent, Segment, Transcript, Step, Job, Recording):
        model.objects.all()._raw_delete("default")
    shutil.rmtree(conf.get_working_dir(), ignore_errors=True)


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_every_job_ends_whole(data_dir, monkeypatch):
    # pains Q1, Q2, Q3
    people = [User.objects.create(username=name) for name in ("anna", "ben", "carla")]
    with simulate(monkeypatch) as begin:
        run_state_machine_as_test(lambda: Installation(begin, people), settings=PROFILE)
