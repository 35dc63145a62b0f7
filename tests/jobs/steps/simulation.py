"""A whole installation in one process.

Requests, workers and reapers stop before each transaction.

Everything in it is the real domain, but for the clock, the queue and the engine. A process here is a greenlet; it runs
until it is about to begin a transaction (or to send a statement outside one), or until it waits for the engine. So a
test decides in which order transactions happen, and a process that is never continued has died there and then.
"""

import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import OperationalError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import DateTimeField, Value
from django.utils import timezone
from greenlet import GreenletExit, getcurrent, greenlet

import foundation.database
import jobs.domain
from analysis import Analysis
from engine import ChunkTranscript, EngineError, Segment, Word
from foundation.database import clock, clusters, wakeup
from jobs import conf
from jobs.domain.base import engines, storage
from jobs.domain.steps import finish_step
from tests.jobs.sounds import build_preparation

TRANSACTION, ENGINE, PAUSE, ENDED = "transaction", "engine", "pause", "ended"
ANSWER = "answer"
CHUNK_SECONDS = 10.0


class Process:
    """Something that runs in turns; `place` tells what it stopped before."""

    def __init__(self, name: str, run: Callable[[], Any]) -> None:
        self.name = name
        self.place = TRANSACTION
        self.is_stopping = False
        self.greenlet = greenlet(lambda _order=None: (run() and ENDED) or ENDED)

    def __repr__(self) -> str:
        return f"{self.name} at {self.place}"

    def go_on(self, order: Any = None) -> str:
        """Run up to the next stop.

        `order` is what the engine does, if it waits for that.
        """
        try:
            self.place = self.greenlet.switch(order)
        except BaseException:
            self.place = ENDED
            raise
        return self.place

    def run(self, turns: int | None = None) -> str:
        """Run up to the engine, a pause or the end.

        Or for `turns` stops.
        """
        if self.place == PAUSE:
            self.go_on()
        while self.place == TRANSACTION and (turns is None or turns > 0):
            self.go_on()
            turns = turns if turns is None else turns - 1
        return self.place


def stop_before(place: str) -> Any:
    """Return to the test from within a process.

    Returns its order. Elsewhere nothing happens.
    """
    process = getcurrent()
    return process.parent.switch(place) if isinstance(process.parent, greenlet) else None


class Clock:
    """The database's clock, and the processes' monotonic one.

    The former may jump, the latter never does.
    """

    def __init__(self) -> None:
        self.passed = 0.0
        self.jumped = 0.0
        self.origin = timezone.now()

    def now(self) -> datetime:
        return self.origin + timedelta(seconds=self.passed + self.jumped)


@dataclass(slots=True)
class Engine:
    """Answers as ordered.

    Each answer is worded differently, so that one sees whose it is.
    """

    config: Any = field(default_factory=lambda: SimpleNamespace(model=None, engine="fake"))
    child_pid: int | None = None
    answers: int = 0
    cut_seconds: float = CHUNK_SECONDS

    def get_client(self) -> "Engine":
        return self

    def close(self) -> None:
        """Nothing was started."""

    def prepare(self, source, working_copy, *, on_tick, **_options):
        wait_for_order(on_tick)
        preparation = plan_preparation(json.loads(source.read_bytes()), self.cut_seconds)
        working_copy.touch()
        os.truncate(working_copy, max((chunk.offset + chunk.length for chunk in preparation.chunks), default=0))
        return preparation

    def transcribe(self, _working_copy, plan, *, on_tick, **_options):
        wait_for_order(on_tick)
        self.answers += 1
        text = f"{plan.start:.0f}-{plan.end:.0f}:{self.answers}"
        words = (Word(plan.start, plan.end, text, 0.9),)
        return ChunkTranscript(plan.index, (Segment(plan.start, plan.end, text, 0.9, words),), "en", 0.9, 1.0)

    def analyse(self, _text, _language, _categories, on_tick):
        try:
            wait_for_order(lambda _seconds: on_tick())
        except EngineError as error:
            raise RuntimeError("analysis is no engine, and has errors of its own") from error
        return Analysis(sentiment=None, category=None, category_reason=None)


def wait_for_order(on_tick: Callable[[float], None]) -> None:
    """Do as the test orders.

    Tick at a number of seconds done, raise an error, or answer.
    """
    while (order := stop_before(ENGINE)) != ANSWER:
        if isinstance(order, Exception):
            raise order
        on_tick(order)


def plan_preparation(sound: dict[str, Any], cut_seconds: float):
    """Return the plan of a sound of `tens` times ten seconds.

    Those in `silent` say nothing.
    """
    pieces = int(CHUNK_SECONDS / cut_seconds)
    silent = [ten * pieces + piece for ten in sound["silent"] for piece in range(pieces)]
    return build_preparation(sound["tens"] * pieces, cut_seconds, silent)


class World:
    """The surroundings and processes of one installation."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.engine = Engine()
        self.queue = 0
        self.is_disk_full = False
        self.is_database_away = False
        self.breaks_next_commit = False
        # Who does not know whether a commit counts: perhaps they hold a step that they never heard of.
        self.misled: set[str] = set()
        self.processes: list[Process] = []
        self.dead: list[Process] = []
        self.started = 0

    def start(self, kind: str, run: Callable[[], Any]) -> Process:
        """Add a process, which has not done anything yet."""
        self.started += 1
        process = Process(f"{kind}{self.started}", run)
        self.processes.append(process)
        return process

    def tidy(self) -> None:
        """Forget the processes that have ended."""
        self.processes = [process for process in self.processes if process.place != ENDED]

    def kill(self, process: Process) -> None:
        """Never continue a process.

        It is kept, since a greenlet that is thrown away would clean up after itself.
        """
        self.processes.remove(process)
        self.dead.append(process)

    def close(self) -> None:
        """End the rest of all processes."""
        for process in [*self.processes, *self.dead]:
            while not process.greenlet.dead:
                process.greenlet.throw(GreenletExit)

    def break_commit(self) -> None:
        """Hide a commit from its process, if the test wants that."""
        process = self.find_current()
        if self.breaks_next_commit and process:
            self.breaks_next_commit = False
            self.misled.add(process.name)
            raise OperationalError("on purpose: the connection broke after the commit")

    def find_current(self) -> Process | None:
        """Return the process that has the turn."""
        return next((one for one in self.processes if one.greenlet is getcurrent()), None)


@contextmanager
def simulate(monkeypatch):
    """Replace clock, queue and engine by a simulated world.

    Yields a function that begins a new one.
    """
    current = SimpleNamespace(world=World())
    replace_clock(monkeypatch, current)
    replace_queue(monkeypatch, current)
    replace_engine(monkeypatch, current)
    replace_surroundings(monkeypatch, current)
    stop_at_files(monkeypatch)
    replace_database(monkeypatch, current)

    def begin():
        current.world = World()
        return current.world

    with untraced():
        yield begin


def replace_clock(monkeypatch, current):
    def tell_time():
        return current.world.clock.now()

    def tell_seconds():
        return current.world.clock.passed

    monkeypatch.setattr(clock, "Now", lambda: Value(tell_time(), output_field=DateTimeField()))
    for module in find_modules():
        if hasattr(module, "read_database_time"):
            monkeypatch.setattr(module, "read_database_time", tell_time)
        if getattr(module, "time", None) is time and module is not storage:
            fake = SimpleNamespace(monotonic=tell_seconds, sleep=lambda _seconds: stop_before(PAUSE))
            monkeypatch.setattr(module, "time", fake)


def find_modules():
    """Return the modules in which time passes and workers stop."""
    domain = pkgutil.walk_packages(jobs.domain.__path__, "jobs.domain.")
    queues = pkgutil.iter_modules(foundation.database.__path__, "foundation.database.")
    return [importlib.import_module(module.name) for module in (*domain, *queues)]


def replace_queue(monkeypatch, current):
    def enqueue(_model, number=1):
        current.world.queue += number

    monkeypatch.setattr(wakeup, "send_wakeups", enqueue)
    monkeypatch.setattr(wakeup, "count_messages", lambda: current.world.queue)


def replace_engine(monkeypatch, current):
    holder = SimpleNamespace(get_client=lambda: current.world.engine, close=lambda: None)
    monkeypatch.setattr(engines, "holder", holder)
    monkeypatch.setattr(finish_step, "analyse", lambda *words, on_tick: current.world.engine.analyse(*words, on_tick))


def replace_surroundings(monkeypatch, current):
    """Replace the processes' names, stop flags and disk.

    Each can be asked to stop by itself, and the disk is full when the test says so.
    """

    def name_process():
        process = current.world.find_current()
        return process.name if process else "test"

    def is_stopping():
        process = current.world.find_current()
        return process is not None and process.is_stopping

    monkeypatch.setattr(clusters, "get_cluster_name", name_process)
    for module in find_modules():
        if hasattr(module, "is_stopping"):
            monkeypatch.setattr(module, "is_stopping", is_stopping)
        if hasattr(module, "drop_connection"):
            monkeypatch.setattr(module, "drop_connection", lambda: stop_before(TRANSACTION))
    monkeypatch.setattr(conf, "get_min_free_bytes", lambda: conf.MEBIBYTE)
    monkeypatch.setattr(storage, "measure_free_bytes", lambda: 0 if current.world.is_disk_full else 9 * conf.MEBIBYTE)


def stop_at_files(monkeypatch):
    """Stop a process between the database and its files.

    It changes files because of what the database says.
    """
    is_in_use, remove_working_copy = storage.is_in_use, storage.remove_working_copy

    def look_and_stop(path):
        found = is_in_use(path)
        stop_before(TRANSACTION)
        return found

    def stop_and_remove(job_id):
        stop_before(TRANSACTION)
        remove_working_copy(job_id)

    monkeypatch.setattr(storage, "is_in_use", look_and_stop)
    monkeypatch.setattr(storage, "remove_working_copy", stop_and_remove)


def replace_database(monkeypatch, current):
    """Stop a process before each transaction, or deny the database.

    It is away when the test says so. SQLite allows one writer at a time, so nothing finer than a transaction can happen
    there.
    """
    real = connections["default"]
    enter, commit, execute = transaction.Atomic.__enter__, real.commit, CursorWrapper.execute

    def stop_and_enter(atomic):
        stop_before_transaction(current.world)
        enter(atomic)

    def stop_and_execute(cursor, sql, params=None):
        if not sql.startswith("BEGIN"):
            stop_before_transaction(current.world)
        return execute(cursor, sql, params)

    def commit_and_break():
        commit()
        current.world.break_commit()

    monkeypatch.setattr(transaction.Atomic, "__enter__", stop_and_enter)
    monkeypatch.setattr(CursorWrapper, "execute", stop_and_execute)
    monkeypatch.setattr(real, "commit", commit_and_break)


def stop_before_transaction(world):
    """Stop, unless one is open already; then the database may be away."""
    if not connection.in_atomic_block:
        stop_before(TRANSACTION)
        if world.is_database_away and world.find_current():
            raise OperationalError("on purpose: the database is away")


@contextmanager
def untraced():
    """Suspend coverage.

    It follows calls on one stack, and greenlets have each their own.
    """
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
