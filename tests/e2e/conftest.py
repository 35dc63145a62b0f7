"""A real site for the browser tests.

Server and workers as processes, a signed-in browser, a microphone that speaks.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import wave
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_COMMANDS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "correct horse battery"
START_SECONDS = 60
# The name of the same server as a neighbour in the network would use it: without https browsers distrust it.
PLAIN_HOST = "transcribe.lan"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put browser tests last.

    Playwright keeps an event loop running, which Django's database layer refuses.
    """
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


@dataclass
class Site:
    url: str
    token: str
    port: int

    def call(self, path, data=None, *, headers=None, method=None):
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - the same
            return json.load(response)

    def submit(self, name, content):
        """Upload bytes as a file through the API and return the job.

        They are transcribed also where they are here already.
        """
        boundary = "a-boundary"
        force = f'--{boundary}\r\nContent-Disposition: form-data; name="force"\r\n\r\ntrue\r\n'
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="audio"; filename="{name}"\r\n\r\n'
        body = (force + head).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.call("/api/jobs/", body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def discard(self, key):
        """Delete a recording."""
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/recordings/{key}/", headers=headers, method="DELETE")  # noqa: S310 - our own server
        urllib.request.urlopen(request, timeout=20).close()  # noqa: S310 - the same

    def wait(self, job, seconds=60):
        """Return the job once it has ended."""
        deadline = time.monotonic() + seconds
        while job["state"] in ("pending", "processing") and time.monotonic() < deadline:
            time.sleep(0.2)
            job = self.call(f"/api/jobs/{job['id']}/")
        return job


@pytest.fixture(scope="session", autouse=True)
def allow_database_beside_playwright():
    """Allow Django's live server in Playwright's thread.

    Playwright keeps its event loop there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def speech_file():
    """Ten seconds of real speech.

    Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.
    """
    (file,) = [file for file in files("moonshine-voice") if file.name == "beckett.wav"]
    return Path(file.locate())


@pytest.fixture(scope="session")
def site_environment(tmp_path_factory):
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "transcribe_site.settings",
        "TRANSCRIBE_DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "TRANSCRIBE_MODEL": "tiny.en",
        "TRANSCRIBE_ALLOWED_HOSTS": f"localhost,{PLAIN_HOST}",
        "TRANSCRIBE_MIN_FREE_MB": "0",
        "DJANGO_SUPERUSER_USERNAME": "anna",
        "DJANGO_SUPERUSER_EMAIL": "anna@example.org",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }


# In one process, as each takes seconds to start.
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
call_command("createsuperuser", interactive=False, verbosity=0)
call_command("create_api_token", "anna")
"""


@pytest.fixture(scope="session")
def live_site(site_environment):
    """The site as `make run` starts it: ASGI server and workers."""
    token = manage(site_environment, "shell", "--verbosity=0", "--command", SET_UP).strip()
    port = find_free_port()
    server = [sys.executable, "-m", "uvicorn", "transcribe_site.asgi:application", "--port", str(port)]
    processes = [
        subprocess.Popen([*server, "--log-level=warning"], cwd=ROOT, env=site_environment),
        subprocess.Popen([sys.executable, "manage.py", "workers"], cwd=ROOT, env=site_environment),
    ]
    site = Site(f"http://localhost:{port}", token, port)
    try:
        wait_until_up(site)
        yield site
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(site):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return site.call("/version")
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


START = 'import uvicorn; uvicorn.run("transcribe_site.asgi:application", port={port}, log_level="warning")'
START_AS = f'import versioning; versioning.__version__ = "{{version}}"; {START}'


class Web:
    """A web process that may be killed, beside the shared one.

    It has the same data and workers.
    """

    def __init__(self, site, environment):
        self.site = Site(f"http://localhost:{find_free_port()}", site.token, 0)
        self.site.port = int(self.site.url.rsplit(":", 1)[1])
        self.environment = environment
        self.process = None

    def start(self, version="", **changes):
        """Start the process, as another `version` of the program if set."""
        code = START_AS.format(version=version, port=self.site.port) if version else START.format(port=self.site.port)
        environment = {**self.environment, **changes}
        self.process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
        wait_until_up(self.site)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def web(live_site, site_environment):
    web = Web(live_site, site_environment)
    web.start()
    yield web
    web.kill()


@pytest.fixture(scope="session")
def browser_type_launch_args(speech_file):
    commands = (shutil.which(name) for name in CHROMIUM_COMMANDS)
    found = next(filter(None, commands), None)
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech_file}",
        f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",
        "--autoplay-policy=no-user-gesture-required",
        "--no-sandbox",
        "--disable-gpu",
        "--mute-audio",
    ]
    return {"args": arguments, **({"executable_path": found} if found else {})}


@pytest.fixture(scope="session")
def signed_in(browser, live_site):
    """The options of a context with a signed-in person.

    The sign-in itself happens once, through the page.
    """
    context = browser.new_context(base_url=live_site.url)
    sign_in(context.new_page())
    state = context.storage_state()
    context.close()
    # Most tests look at what a page asks for, which a service worker would hide.
    options = {"viewport": {"width": 1280, "height": 860}, "service_workers": "block"}
    return {"base_url": live_site.url, "storage_state": state, **options}


def sign_in(page, url="/sign-in/"):
    page.goto(url)
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Record", exact=True).wait_for()


@pytest.fixture
def tab(new_context, signed_in):
    """A signed-in page whose errors fail the test.

    Also those of its content security policy.
    """
    tab = new_context(**signed_in).new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield tab
    assert errors == []


@pytest.fixture(scope="session")
def make_silence(tmp_path_factory):
    """Return a silent wav, whose job ends at once."""

    def make(seconds=1.0):
        path = tmp_path_factory.mktemp("silence") / "silence.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(bytes(2 * int(16_000 * seconds)))
        return path.read_bytes()

    return make


@pytest.fixture(scope="session")
def ended_jobs(live_site, speech_file, make_silence):
    """One job of each end: text, silence and no sound."""
    jobs = {
        "speech": live_site.submit("Worstward Ho.wav", speech_file.read_bytes()),
        "silence": live_site.submit("Garden.wav", make_silence()),
        "failed": live_site.submit("Shopping list.wav", b"milk, eggs, bread"),
    }
    return {name: live_site.wait(job) for name, job in jobs.items()}


# Engines find what is doubtful; here it is written into the rows, so that every kind is there.
MAKE_DOUBTFUL = """
from jobs.models import Job, Segment, Step, Transcript
job = Job.objects.get(pk="{key}")
first = job.segments.first()
for word in first.words[:2]:
    word[3] = 0.2
first.save()
fields = {{"job": job, "chunk": first.chunk, "confidence": 0.8, "words": []}}
Segment.objects.create(index=90, start=6, end=7.5, text="Try again. Try again.", flags=["repetition"], **fields)
Step.objects.filter(pk=first.chunk_id).update(untranscribed=[[8, 9]])
flags = ["language_uncertain", "low_coverage"]
Transcript.objects.filter(job=job).update(
    flags=flags, language="de", language_probability=0.52, coverage=0.7, review_spot_count=3, gaps=[[9.2, 9.6]]
)
Job.objects.filter(pk=job.pk).update(needs_review=True)
"""


@pytest.fixture(scope="session")
def doubtful_job(live_site, site_environment, speech_file):
    """A completed job with one doubtful place of each kind."""
    job = live_site.wait(live_site.submit("Doubtful.wav", speech_file.read_bytes()))
    manage(site_environment, "shell", "--command", MAKE_DOUBTFUL.format(key=job["id"]))
    return job
