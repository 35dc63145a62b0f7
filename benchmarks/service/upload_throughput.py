"""The cost of arriving sound: throughput and memory.

Recorded pieces a second beside a bare upload view, and memory under many senders.
"""

import argparse
import asyncio
import base64
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
BLOCK_BYTES = 32 * 1024  # two seconds of Opus, as browsers record it
RECORDERS = (1, 4, 16)
BLOCK = bytes(1024 * 1024)
GIGABYTE = 1_000_000_000
PROMISED_RATIO = 0.5
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def main() -> int:
    """Measure speed and memory; 1 when the promise is broken."""
    arguments = read_arguments(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="transcribe-bench-") as name:
        site = Site(Path(name))
        kept = measure_speed(site, arguments.seconds)
        measure_recorders(site, arguments.recorders)
        measure_large_files(site, arguments.files, arguments.gigabytes)
    return 0 if kept else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the seconds of each turn and the numbers of senders.

    Files have a number and a size.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service.upload_throughput", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each turn")
    parser.add_argument("--recorders", type=int, default=100)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="of each file")
    return parser.parse_args(words)


class Site:
    """A data folder with one account, and web servers over it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
            "TRANSCRIBE_DATA_DIR": str(folder),
            "TRANSCRIBE_MIN_FREE_MB": "0",
            "TRANSCRIBE_MAX_UPLOAD_MB": "100000",
            "TRANSCRIBE_SUBMIT_RATE": "100000/minute",
            "TRANSCRIBE_ENGINE": "fake",
            "DJANGO_SUPERUSER_USERNAME": "anna",
            "DJANGO_SUPERUSER_EMAIL": "anna@example.org",
            "DJANGO_SUPERUSER_PASSWORD": uuid.uuid4().hex,
        }
        for command in (["migrate", "--verbosity=0"], ["createsuperuser", "--noinput", "--verbosity=0"]):
            self.manage(*command)
        self.token = self.manage("create_api_token", "anna").strip()
        self.folder = folder

    def manage(self, *words: str) -> str:
        """Run a command of the program and return what it prints."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout


class WebServer(AbstractContextManager["WebServer"]):
    """One web process."""

    def __init__(self, site: Site, application: str = "transcribe_site.asgi:application", **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"Bearer {site.token}"}
        command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "error"]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**site.environment, **environment})

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/version", timeout=5).close()  # noqa: S310 - our own server
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError("the web server does not start")

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        self.process.wait()

    def open_session(self) -> aiohttp.ClientSession:
        """Return a session in which each sender has its own connection."""
        return aiohttp.ClientSession(
            self.url, headers=self.headers, connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(None)
        )

    def read_peak(self) -> float:
        """Return the peak memory of the process in MiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        (line,) = [line for line in lines if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024


def encode(**pairs: object) -> str:
    """Return metadata as tus writes it."""
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in pairs.items())


async def begin_part(session: aiohttp.ClientSession) -> str:
    """Open a recording and its first part.

    Returns the address of the upload.
    """
    async with session.post("/api/recordings/", json={"key": uuid.uuid4().hex}) as answer:
        recording = (await answer.json())["id"]
    headers = {**TUS, "Upload-Defer-Length": "1", "Upload-Metadata": encode(recording=recording, part=0)}
    async with session.post("/api/uploads/", headers=headers) as answer:
        answer.raise_for_status()
        return answer.headers["Location"]


class Recorder:
    """Sends pieces to the program in order, as the page does."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.address = ""
        self.offset = 0

    async def send(self, piece: bytes) -> None:
        """Send one piece with offset and checksum."""
        self.address = self.address or await begin_part(self.session)
        checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {**TUS, "Upload-Offset": str(self.offset), "Upload-Checksum": f"sha256 {checksum}"}
        async with self.session.patch(self.address, data=piece, headers=headers) as answer:
            answer.raise_for_status()
            self.offset = int(answer.headers["Upload-Offset"])


class FormSender:
    """Sends pieces to the bare view.

    Each is the file of a form.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def send(self, piece: bytes) -> None:
        form = aiohttp.FormData()
        form.add_field("piece", piece, filename="piece")
        async with self.session.post("/", data=form) as answer:
            answer.raise_for_status()


async def count_pieces(
    server: WebServer, kind: type[Recorder] | type[FormSender], senders: int, seconds: float
) -> float:
    """Return how many pieces a second `senders` get rid of."""
    async with server.open_session() as session:
        sending = [kind(session) for _ in range(senders)]
        piece = os.urandom(BLOCK_BYTES)
        await asyncio.gather(*(sender.send(piece) for sender in sending))
        deadline = time.monotonic() + seconds

        async def send_on(send: Callable[[bytes], Awaitable[None]]) -> int:
            sent = 0
            while time.monotonic() < deadline:
                await send(piece)
                sent += 1
            return sent

        return sum(await asyncio.gather(*(send_on(sender.send) for sender in sending))) / seconds


def measure_speed(site: Site, seconds: float) -> bool:
    """Measure both in turn; return whether the program keeps up.

    It must reach half of the bare view.
    """
    kept = True
    bare = "benchmarks.service.bare_upload_view:application"
    with WebServer(site) as own, WebServer(site, bare) as plain, WebServer(site, bare, BARE_SYNC="1") as synced:
        print(f"pieces of {BLOCK_BYTES // 1024} kB a second, one web process, SQLite")
        print("recorders    program  bare view    ratio  bare view, synced    ratio")
        for senders in RECORDERS:
            mine = asyncio.run(count_pieces(own, Recorder, senders, seconds))
            theirs = asyncio.run(count_pieces(plain, FormSender, senders, seconds))
            safe = asyncio.run(count_pieces(synced, FormSender, senders, seconds))
            is_kept = mine >= PROMISED_RATIO * theirs
            kept = kept and is_kept
            word = "" if is_kept else f"  broken (>= {PROMISED_RATIO})"
            print(
                f"{senders:9}  {mine:8.1f}   {theirs:8.1f}  {mine / theirs:7.2f}  {safe:17.1f}  {mine / safe:7.2f}{word}",
                flush=True,
            )
    return kept


def measure_recorders(site: Site, senders: int) -> None:
    """Print the memory of a web process with many recorders."""
    with WebServer(site) as server:
        before = server.read_peak()
        speed = asyncio.run(count_pieces(server, Recorder, senders, 20))
        print(f"{senders} recorders at once: {speed:.0f} pieces a second; ", end="")
        print(f"{before:.0f} MiB before, {server.read_peak():.0f} MiB at most", flush=True)


def measure_large_files(site: Site, files: int, gigabytes: float) -> None:
    """Print the memory and speed of large simultaneous uploads."""
    size = int(gigabytes * GIGABYTE)
    if shutil.disk_usage(site.folder).free < 2 * files * size:
        print(f"too little disk for {files} files of {gigabytes} GB; choose other --files and --gigabytes")
        return
    with WebServer(site) as server:
        before, started_at = server.read_peak(), time.monotonic()
        asyncio.run(send_files(server, files, size))
        took = time.monotonic() - started_at
        print(f"{files} files of {gigabytes:g} GB at once: {files * size / took / 1e6:.0f} MB a second; ", end="")
        print(f"{before:.0f} MiB before, {server.read_peak():.0f} MiB at most", flush=True)


async def send_files(server: WebServer, files: int, size: int) -> None:
    """Send files of silence all at once.

    Each is one request.
    """
    async with server.open_session() as session:

        async def send_file(number: int) -> None:
            headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": encode(filename=f"{number}.wav")}
            async with session.post("/api/uploads/", headers=headers) as answer:
                answer.raise_for_status()
                address = answer.headers["Location"]
            headers = {**TUS, "Upload-Offset": "0"}
            async with session.patch(address, data=make_silence(size, number), headers=headers) as answer:
                answer.raise_for_status()

        await asyncio.gather(*(send_file(number) for number in range(files)))


async def make_silence(size: int, number: int) -> AsyncIterator[bytes]:
    """Yield a wav file of `size` bytes.

    Its rate makes it different from those of other numbers.
    """
    head = b"RIFF" + struct.pack("<I", size - 8) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 16_000 + number, 2 * (16_000 + number), 2, 16)
    head += b"data" + struct.pack("<I", size - 44)
    yield head
    left = size - len(head)
    while left:
        block = BLOCK[:left]
        left -= len(block)
        yield block


if __name__ == "__main__":
    sys.exit(main())
