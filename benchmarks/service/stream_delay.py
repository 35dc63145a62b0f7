"""The cost of live pages: delay and memory.

The delay is from the commit of an event to its arrival, with few streams and with many.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import aiohttp
import psycopg

from benchmarks.service.workers_service import ROOT, STACKS, Service
from tests.postgres import find_free_port

if TYPE_CHECKING:
    from accounts.models import User

FEW, MANY = 5, 500
# From this many on the memory of each further one counts.
FIRST = 100
PER_SECOND = 10
STREAMS_PER_PERSON = 10
SETTLE_SECONDS = 12.0
KIB = 1024
# What is promised: the slowest hundredth with many streams against that with few, seconds at most on each stack, and
# memory of each further idle stream.
MAX_RATIO, MAX_SECONDS, MAX_KIB = 2.0, {"sqlite": 0.7, "postgresql": 0.25}, 64.0


def main() -> int:
    """Measure one stack or both.

    Both are measured in processes of their own. Returns 1 when a promise is broken.

    Returns 1 when a promise is broken.
    """
    arguments = read_arguments(sys.argv[1:])
    if arguments.stack is None:
        own = [sys.executable, "-m", "benchmarks.service.stream_delay", *sys.argv[1:]]
        return max(subprocess.run([*own, "--stack", stack], check=False).returncode for stack in STACKS)
    with Service(arguments.stack) as service:
        tokens = make_tokens(MANY // STREAMS_PER_PERSON)
        with WebServer() as server:
            kept = asyncio.run(measure(service, server, tokens, arguments.seconds))
    return 0 if all(kept) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the `stack` and the seconds of each measurement.

    The stack is None for both.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service.stream_delay", description=__doc__)
    parser.add_argument("--stack", choices=STACKS)
    parser.add_argument("--seconds", type=float, default=60.0)
    return parser.parse_args(words)


def make_tokens(people: int) -> list[tuple["User", str]]:
    """Return `people` persons with tokens."""
    from accounts.api_tokens import issue_token  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415 - Django is set up by then

    users = [User.objects.create_user(f"person{number}") for number in range(people)]
    return [(user, issue_token(user, "listener")[1]) for user in users]


class WebServer:
    """One web process over the database of the service."""

    def __init__(self) -> None:
        self.port = find_free_port()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "uvicorn", "transcribe_site.asgi:application", "--log-level=error"]
        self.process = subprocess.Popen([*command, f"--port={self.port}"], cwd=ROOT, env=os.environ)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        self.process.wait()

    def read_status(self, name: str) -> int:
        """Return a number of /proc/PID/status, such as VmRSS in KiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        (line,) = [line for line in lines if line.startswith(f"{name}:")]
        return int(line.split()[1])


class Listeners:
    """Streams that are open at once with the arrivals of events."""

    def __init__(self, server: WebServer, tokens: list[tuple["User", str]]) -> None:
        self.address = f"http://127.0.0.1:{server.port}/api/events/"
        self.tokens = tokens
        self.arrivals: dict[str, list[float]] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.greeted = asyncio.Semaphore(0)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )

    async def open(self, number: int) -> None:
        """Open streams until there are `number`, and wait until all are greeted."""
        more = range(len(self.tasks), number)
        self.tasks += [asyncio.create_task(self.listen(self.tokens[index // STREAMS_PER_PERSON][1])) for index in more]
        for _ in more:
            await self.greeted.acquire()

    async def listen(self, token: str) -> None:
        """Note each event's arrival, until cancelled."""
        async with self.session.get(self.address, headers={"Authorization": f"Bearer {token}"}) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if not line.startswith(b"data:"):
                    continue
                arrived_at = time.time()
                message = json.loads(line[5:])
                if message["type"] == "hello":
                    self.greeted.release()
                if message["type"] == "job":
                    self.arrivals.setdefault(message["job"], []).append(arrived_at)

    async def close(self) -> None:
        """End all streams."""
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self.session.close()


async def measure(service: Service, server: WebServer, tokens: list[tuple["User", str]], seconds: float) -> list[bool]:
    """Print what is measured and promised; return which promises were kept."""
    listeners = Listeners(server, tokens)
    await wait_until_up(server)
    await listeners.open(FEW)
    few = await time_events(listeners, tokens[:1], seconds)
    await listeners.open(FIRST)
    await asyncio.sleep(SETTLE_SECONDS)
    before = {name: server.read_status(name) for name in ("VmRSS", "Threads")}
    connections_before = count_connections(service)
    await listeners.open(MANY)
    await asyncio.sleep(SETTLE_SECONDS)
    after = {name: server.read_status(name) for name in ("VmRSS", "Threads")}
    connections_after = count_connections(service)
    many = await time_events(listeners, tokens, seconds)
    await listeners.close()
    each = (after["VmRSS"] - before["VmRSS"]) / (MANY - FIRST)
    print(f"{service.stack}: from commit to arrival, {PER_SECOND} events a second for {seconds:.0f} s")
    for number, times in ((FEW, few), (MANY, many)):
        print(f"  {number:4} streams: p50 {cut(times, 50):.3f} s, p99 {cut(times, 99):.3f} s, {len(times)} arrivals")
    print(f"  threads {before['Threads']} -> {after['Threads']}, ", end="")
    print(f"connections to the database {connections_before} -> {connections_after}")
    return [
        report_limit(
            f"p99 with {MANY} is {cut(many, 99) / cut(few, 99):.2f} times that with {FEW}",
            cut(many, 99) / cut(few, 99),
            MAX_RATIO,
        ),
        report_limit(f"p99 with {MANY} is {cut(many, 99):.3f} s", cut(many, 99), MAX_SECONDS[service.stack]),
        report_limit(f"{each:.1f} KiB for each idle stream beyond {FIRST}", each, MAX_KIB),
        report_limit(
            f"{after['Threads'] - before['Threads']} more threads for {MANY - FIRST} more streams",
            after["Threads"] - before["Threads"],
            0,
        ),
        report_limit(
            f"{connections_after - connections_before} more connections", connections_after - connections_before, 0
        ),
    ]


async def wait_until_up(server: WebServer) -> None:
    """Wait until the server answers."""
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{server.port}/version"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def time_events(listeners: Listeners, tokens: list[tuple["User", str]], seconds: float) -> list[float]:
    """Write events of these people in turn; return their delays.

    A delay is the time from the commit to the arrival at each of their streams.
    """
    number = int(seconds * PER_SECOND)
    commits = await asyncio.to_thread(write_events, [user for user, _ in tokens], number)
    await asyncio.sleep(2)
    times = [arrived - commits[job] for job in commits for arrived in listeners.arrivals.get(job, [])]
    if len(listeners.arrivals.keys() & commits.keys()) != number:
        raise RuntimeError("events are missing")
    return times


def write_events(users: list["User"], number: int) -> dict[str, float]:
    """Write events at their pace; return their commits.

    The time of each is found by its job.
    """
    from django.db import connection, transaction  # noqa: PLC0415

    from jobs.domain.feed import job_feed  # noqa: PLC0415
    from jobs.models import Job  # noqa: PLC0415

    commits = {}
    pause = threading.Event()
    for turn in range(number):
        job = Job(id=uuid.uuid4(), owner_id=users[turn % len(users)].pk)
        with transaction.atomic():
            job_feed.publish([job], job_feed.PROGRESS)
        commits[str(job.pk)] = time.time()
        # A little off the beat, so that it is not that of any poll.
        pause.wait((0.7 + 0.6 * (turn * 0.618 % 1)) / PER_SECOND)
    connection.close()
    return commits


def count_connections(service: Service) -> int:
    """Return how many connections the database has; SQLite's are not counted."""
    if service.stack == "sqlite":
        return 0
    # Beside Django's, which must not be used where a loop runs.
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchone()
    return int(found[0]) if found else 0


def cut(times: list[float], percent: int) -> float:
    """Return the time below which `percent` of them are."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def report_limit(line: str, value: float, limit: float) -> bool:
    """Print a promise and return whether it was kept."""
    kept = value <= limit
    print(f"  {'kept' if kept else 'broken':<8}{line} (<= {limit:g})", flush=True)
    return kept


if __name__ == "__main__":
    sys.exit(main())
