"""Programs that send without a browser.

Recordings in parts, and files by another project's tus client.
"""

import base64
import hashlib
import json
import threading
import urllib.error
import urllib.request
import uuid
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.engine.sounds import BROWSER_RATE, read_speech, record_samples
from tests.speech import BECKETT, rate_errors

pytestmark = pytest.mark.e2e

BLOCK_BYTES = 4096
MEGABYTE = 1_000_000
CHUNK_BYTES = 60 * MEGABYTE
JSON = {"Content-Type": "application/json"}


class PartSender:
    """Sends parts of a recording piece by piece, as the page does.

    Each piece has offset and checksum.
    """

    def __init__(self, site):
        self.site = site
        self.recording = site.call("/api/recordings/", json.dumps({"key": uuid.uuid4().hex}).encode(), headers=JSON)

    def request(self, method, url, data=None, **headers):
        known = {"Authorization": f"Bearer {self.site.token}", "Tus-Resumable": "1.0.0"}
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        request = urllib.request.Request(self.site.url + url, data, {**known, **named}, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - the same
            return response.headers

    def begin(self, number):
        pairs = {"recording": self.recording["id"], "part": str(number)}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        return self.request("POST", "/api/uploads/", Upload_Defer_Length=1, Upload_Metadata=metadata)["Location"]

    def add(self, address, offset, piece, **headers):
        checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        kind = "application/offset+octet-stream"
        headers = {"Upload_Offset": offset, "Upload_Checksum": f"sha256 {checksum}", **headers}
        return int(self.request("PATCH", address, piece, Content_Type=kind, **headers)["Upload-Offset"])

    def send(self, number, content, *, interrupt=None):
        """Send a part.

        `interrupt` is called in the middle, with a piece on its way whose answer never comes.
        """
        address = self.begin(number)
        offset = 0
        while offset < len(content):
            piece = content[offset : offset + BLOCK_BYTES]
            if interrupt is not None and offset > len(content) // 2:
                on_its_way = threading.Thread(target=self.lose, args=(address, offset, piece))
                on_its_way.start()
                interrupt()
                on_its_way.join()
                interrupt = None
                address = self.begin(number)  # the same, as by a page after a reload
                offset = int(self.request("HEAD", address)["Upload-Offset"])
                continue
            offset = self.add(address, offset, piece)
        self.add(address, len(content), b"", Upload_Length=len(content))

    def lose(self, *piece):
        with suppress(OSError):
            self.add(*piece)

    def finish(self, parts):
        body = json.dumps({"parts": parts}).encode()
        job = self.site.call(f"/api/recordings/{self.recording['id']}/finish/", body, headers=JSON)
        return self.site.wait(job)


def read_words(site, job):
    transcript = site.call(f"/api/jobs/{job['id']}/transcript/?format=json")
    return [(word["text"], word["start"]) for segment in transcript["segments"] for word in segment["words"]]


def restart(web):
    def do():
        web.kill()
        web.start()

    return do


@pytest.fixture(scope="module")
def spoken():
    """Ten seconds of real speech as a browser's samples."""
    return np.repeat(read_speech("beckett.wav"), BROWSER_RATE // 16_000)


@pytest.mark.speech
def test_an_interrupted_recording_has_the_text_of_an_undisturbed_one(web, spoken):
    content = record_samples(spoken)
    undisturbed, interrupted = PartSender(web.site), PartSender(web.site)
    undisturbed.send(0, content)
    interrupted.send(0, content, interrupt=restart(web))
    jobs = [sender.finish(1) for sender in (undisturbed, interrupted)]
    assert [job["state"] for job in jobs] == ["completed", "completed"]
    first, second = (read_words(web.site, job) for job in jobs)
    assert first == second
    assert rate_errors(BECKETT, "".join(text for text, _ in first)) <= 0.1


@pytest.mark.speech
def test_parts_of_two_browsers_become_one_text_in_order(web, spoken):
    middle = 5 * BROWSER_RATE  # between two sentences
    sender = PartSender(web.site)
    sender.send(1, record_samples(spoken[middle:], "mp4"))
    sender.send(0, record_samples(spoken[:middle], "webm"))
    job = sender.finish(2)
    words = read_words(web.site, job)
    assert rate_errors(BECKETT, "".join(text for text, _ in words)) <= 0.2
    assert [start for _, start in words] == sorted(start for _, start in words)


def make_wav(path, megabytes):
    """Write repeated speech and return the file's SHA-256."""
    sound = read_speech("beckett.wav").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        for _ in range(megabytes * MEGABYTE // len(sound)):
            file.writeframesraw(sound)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def upload_with_interruptions(web, path, interruptions):
    """Upload a file by tuspy under repeated kills of the server.

    Each kill comes while bytes arrive. Return the recording, and the most memory that any of the servers had, in MiB.
    """
    client = TusClient(f"{web.site.url}/api/uploads/", headers={"Authorization": f"Bearer {web.site.token}"})
    size, url, offset, peaks = path.stat().st_size, None, 0, []
    with path.open("rb") as stream:
        options = {"file_stream": stream, "chunk_size": CHUNK_BYTES, "metadata": {"filename": path.name}}
        for number in range(1, interruptions + 1):
            uploader = client.uploader(url=url, **options)
            assert uploader.offset >= offset
            while uploader.offset < size * number / (interruptions + 2):
                uploader.upload_chunk()
            url, offset = uploader.url, uploader.offset
            peaks.append(read_peak_megabytes(web.process))
            end = threading.Timer(0.02, web.kill)
            end.start()
            with pytest.raises(TusCommunicationError):
                uploader.upload()
            end.join()
            web.start()
        client.uploader(url=url, **options).upload()
    return find_recording(web, url), max(*peaks, read_peak_megabytes(web.process))


def find_recording(web, url):
    headers = {"Authorization": f"Bearer {web.site.token}", "Tus-Resumable": "1.0.0"}
    request = urllib.request.Request(url, headers=headers, method="HEAD")  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - the same
        job = web.site.call(f"/api/jobs/{response.headers['X-Job-Id']}/")
    web.site.call(f"/api/jobs/{job['id']}/cancel/", b"", method="POST")
    return web.site.call(f"/api/recordings/{job['recording']['id']}/")


def read_peak_megabytes(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the process has gone")


# pains R11
def test_300_megabytes_of_another_tus_client_arrive_whole_after_three_killed_servers_in_constant_memory(web, tmp_path):
    sha256, idle = make_wav(tmp_path / "Conference.wav", 300), read_peak_megabytes(web.process)
    recording, peak = upload_with_interruptions(web, tmp_path / "Conference.wav", 3)
    assert (recording["sha256"], recording["title"]) == (sha256, "Conference")
    assert peak < idle + 60
