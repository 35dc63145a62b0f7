"""The faults: a method for each kind, and its undoing."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from jobs import conf
from tests.chaos import processes
from tests.chaos.watch import Held

HOUR = 3600.0
WORKER_LIMIT_SECONDS = 15.0
DATABASE_LIMIT_SECONDS = 30.0
# A stopped worker is continued at the latest this long after its lease must have run out.
LATEST_SECONDS = 12.0


@dataclass(slots=True)
class Stop:
    """A worker that stands still since `since`, with its step."""

    step: Held
    since: float
    is_over: bool = False
    was_taken_over: bool = False


class Faults:
    """Strikes at random victims and undoes in time.

    Most victims hold a lease.
    """

    def __init__(self, rng, site, postgres, crowd, watch):
        self.rng, self.site, self.postgres, self.crowd, self.watch = rng, site, postgres, crowd, watch
        self.times, self.held = Counter(), Counter()
        self.history = []
        self.undone = []
        self.stops = []
        self.undo = []
        self.doomed = set()
        self.crashes = {}
        self.is_full = False
        self.disk_was_full = True

    def strike(self, kind):
        """Do one fault of this kind.

        False when there was no victim just now.
        """
        return getattr(self, kind.replace(" ", "_"))()

    def note(self, kind, steps, limit=WORKER_LIMIT_SECONDS):
        self.times[kind] += 1
        self.held[kind] += bool(steps)
        self.history.append((time.time(), kind))
        self.watch.expect(kind, steps, limit)
        return True

    def look_after(self):
        """Undo faults in time, continue workers and crash doomed engines."""
        now = time.monotonic()
        for due in [due for due in self.undo if due[0] <= now]:
            self.undo.remove(due)
            due[1]()
        for stop in [stop for stop in self.stops if not stop.is_over]:
            self.let_go_on(stop, now)
        self.crash_doomed()

    def undo_all(self):
        for _, action in self.undo:
            action()
        self.undo.clear()

    @property
    def is_pending(self):
        """Whether something is still to be undone."""
        return bool(self.undo) or any(not stop.is_over for stop in self.stops)

    # Victims

    def list_held(self):
        """Return the steps of living workers.

        Without those that stand still and without doomed jobs.
        """
        stopped = {stop.step.pid for stop in self.stops if not stop.is_over}
        held = [step for step in self.watch.running if step.job not in self.doomed and step.pid not in stopped]
        return [step for step in held if processes.is_running(step.pid)]

    def choose(self, found):
        return self.rng.choice(found) if found else None

    def choose_held(self):
        return self.choose(self.list_held())

    # Kinds

    def worker_killed(self):
        step = self.choose_held()
        if step is None or not processes.send_signal(step.pid):
            return False
        return self.note("worker killed", [step])

    def idle_worker_killed(self):
        busy = {step.pid for step in self.watch.running}
        pid = self.choose([pid for pid in self.site.list_workers() if pid not in busy])
        return pid is not None and processes.send_signal(pid) and self.note("idle worker killed", [])

    def engine_killed(self):
        step = self.choose_held()
        engine = processes.find_engine(step.pid) if step else None
        if engine is None or not processes.send_signal(engine):
            return False
        return self.note("engine killed", [step])

    def cluster_killed(self):
        machine = self.rng.choice(self.site.machines)
        cluster = machine.find_cluster()
        if cluster is None:
            return False
        family = set(processes.list_family(cluster))
        steps = [step for step in self.watch.running if step.pid in family and step.job not in self.doomed]
        if self.rng.random() < 0.4:
            processes.send_signal(machine.supervisor.pid)
            machine.offset = self.choose_offset()
        with suppress(ProcessLookupError):
            os.killpg(cluster, signal.SIGKILL)
        return self.note("cluster killed", steps)

    def choose_offset(self):
        """Return the error of the next supervisor's clock.

        A machine alone has a right one; others have it as often as not.
        """
        return self.rng.choice([0.0, 0.0, HOUR, -HOUR]) if len(self.site.machines) > 1 else 0.0

    def worker_stopped(self):
        step = self.choose_held()
        if step is None or not processes.send_signal(step.pid, signal.SIGSTOP):
            return False
        self.stops.append(Stop(step, time.monotonic()))
        return self.note("worker stopped", [step])

    def let_go_on(self, stop, now):
        """Send SIGCONT once the step has another worker.

        Or when no worker has taken it for long after its lease.
        """
        is_lost = all(loss.step != stop.step for loss in self.watch.losses)
        lasted = now - stop.since
        if lasted > conf.LEASE_SECONDS + LATEST_SECONDS or (is_lost and lasted > conf.LEASE_SECONDS):
            stop.is_over = True
            stop.was_taken_over = any(recovery.step == stop.step for recovery in self.watch.recoveries)
            processes.send_signal(stop.step.pid, signal.SIGCONT)

    def wrong_clock(self):
        """Replace a worker by one whose clock is an hour off."""
        step = self.choose_held()
        order = self.site.ground.marks / "clock"
        if step is None or order.exists():
            return False
        order.write_text(str(self.rng.choice([HOUR, -HOUR])))
        processes.send_signal(step.pid)
        return self.note("wrong clock", [step])

    def disk_full(self):
        if self.is_full or not self.site.ground.has_own_disk:
            return False
        self.note("disk full", self.list_held(), DATABASE_LIMIT_SECONDS)
        self.site.ground.fill()
        self.disk_was_full &= self.site.ground.is_full()
        self.is_full = True
        self.undo.append((time.monotonic() + self.rng.uniform(3, 6), self.free_disk))
        return True

    def free_disk(self):
        self.site.ground.free()
        self.is_full = False
        self.history.append((time.time(), "disk free"))
        self.watch.begin_anew(DATABASE_LIMIT_SECONDS)

    def database_restarted(self):
        if self.postgres is None or self.postgres.process is None:
            return False
        self.note("database restarted", self.list_held(), DATABASE_LIMIT_SECONDS)
        self.postgres.stop("immediate")
        self.undo.append((time.monotonic() + self.rng.uniform(1, 4), self.start_database))
        return True

    def start_database(self):
        self.postgres.start()
        self.history.append((time.time(), "database back"))
        self.watch.begin_anew(DATABASE_LIMIT_SECONDS)

    def crashing_chunk(self):
        self.crowd.submit_doomed()
        return self.note("crashing chunk", [])

    def crash_doomed(self):
        """Crash the engine on each chunk of a doomed job.

        In native code.
        """
        self.doomed |= {note.job for note in list(self.crowd.notes) if note.is_doomed}
        for step in self.watch.running:
            if step.job in self.doomed and step.kind == "chunk" and (step.pk, step.token) not in self.crashes:
                engine = processes.find_engine(step.pid)
                if engine is not None and processes.send_signal(engine, signal.SIGSEGV):
                    self.crashes[step.pk, step.token] = engine

    def cancelled(self):
        running = {step.job for step in self.watch.running}
        return self.act(
            "cancelled", self.crowd.cancel, [note for note in self.crowd.list_free() if note.job in running]
        )

    def retried(self):
        found = [note for note in self.crowd.list_free() if note.is_cancelled]
        if not found and not any(note.is_touched for note in self.crowd.notes):
            self.cancelled()  # so that there is one by the next turn
        return self.act("retried", self.crowd.retry, found)

    def deleted(self):
        recent = self.crowd.list_free()[-20:]
        return self.act("deleted", self.crowd.delete, recent)

    def act(self, kind, action, found):
        note = self.choose(found)
        if note is None:
            return False
        self.times[kind] += 1
        self.held[kind] += any(step.job == note.job for step in self.watch.running)
        action(note)
        return True
