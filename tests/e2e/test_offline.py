"""The site as an app: recording without a server.

What is recorded then is sent later.
"""

import json
import struct
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import sign_in

pytestmark = pytest.mark.e2e

# Unfinished recordings that only this browser has; other tests leave some on the server.
KEPT_HERE = "#unfinished li:not([data-id])"


@pytest.fixture
def app(web, new_context):
    """A page of the web process that may be killed.

    In a session of its own, controlled by the service worker.
    """
    page = new_context(base_url=web.site.url).new_page()
    sign_in(page)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as response:  # noqa: S310 - our own server
        return response.read()


def test_what_a_browser_needs_to_install_the_app_is_there(live_site):
    manifest = json.loads(fetch(f"{live_site.url}/manifest.webmanifest"))
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == ("standalone", "/", "/")
    for icon in manifest["icons"]:
        content = fetch(live_site.url + icon["src"])
        size = struct.unpack(">II", content[16:24])
        assert (content[:8], f"{size[0]}x{size[1]}") == (b"\x89PNG\r\n\x1a\n", icon["sizes"])
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def find_newest(live_site):
    return next(iter(live_site.call("/api/recordings/?page_size=1")["results"]), {"id": None})


def wait_for_job(live_site, known):
    """Return the job of the first recording after `known`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        newest = find_newest(live_site)
        job = newest["id"] != known and live_site.call(f"/api/recordings/{newest['id']}/")["job"]
        if job:
            return job
        time.sleep(0.2)
    pytest.fail("no recording was sent")


@pytest.mark.speech
def test_what_is_recorded_while_the_server_is_away_is_sent_at_the_next_visit(web, app, live_site):
    known = find_newest(live_site)["id"]
    web.kill()
    app.goto("/")
    expect(app.get_by_role("status").first).to_contain_text("You can record all the same")
    recorder = app.locator("#recorder")
    recorder.get_by_role("button", name="Record").click()
    expect(recorder.get_by_role("timer")).to_have_text("0:06", timeout=15_000)
    recorder.get_by_role("button", name="Stop").click()
    expect(recorder.locator("[data-status]")).to_contain_text("It could not be sent yet, and is kept here.")
    app.on("dialog", lambda dialog: dialog.accept())
    app.reload()
    expect(app.locator("[data-waiting] li")).to_contain_text("Recording")
    web.start()
    app.get_by_role("link", name="Try again").click()
    card = app.locator(f"#job-{wait_for_job(live_site, known)}")
    expect(card.locator(".chip").first).to_have_text("Completed", timeout=60_000)
    expect(card).to_contain_text("ailed")
    expect(app.locator(KEPT_HERE)).to_have_count(0)


def test_the_page_that_recorded_offline_sends_it_itself_once_the_server_is_back(web, app, live_site):
    web.kill()
    app.goto("/recordings/")
    recorder = app.locator("#recorder")
    recorder.get_by_role("button", name="Record").click()
    expect(recorder.get_by_role("timer")).to_have_text("0:02", timeout=15_000)
    web.start()
    expect(recorder.locator("[data-saved]")).to_contain_text("on the server", timeout=30_000)
    recorder.get_by_role("button", name="Stop").click()
    expect(recorder.locator("[data-status]")).to_contain_text("Find it under Home.", timeout=30_000)


def test_nothing_of_anybody_is_kept_by_the_browser_and_signing_out_leaves_no_name(app):
    kept = app.evaluate(
        """async () => {
            const found = {};
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const { url } of await cache.keys()) {
                    found[new URL(url).pathname] = await (await cache.match(url)).text();
                }
            }
            return found;
        }"""
    )
    assert "/offline/" in kept
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline/"]
    assert not any("anna" in text for text in kept.values())
    assert app.evaluate("localStorage.getItem('transcribe-person')") == "anna"
    with app.expect_navigation():
        app.evaluate("document.querySelector('[data-sign-out]').requestSubmit()")
    assert app.evaluate("localStorage.getItem('transcribe-person')") is None


def test_a_file_that_another_app_shares_is_uploaded(app, make_silence, live_site):
    app.evaluate(
        """(bytes) => {
            const form = document.createElement("form");
            Object.assign(form, { action: "/share/", method: "post", enctype: "multipart/form-data" });
            const input = Object.assign(document.createElement("input"), { type: "file", name: "audio" });
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "Voice memo é.wav", { type: "audio/wav" }));
            input.files = transfer.files;
            form.append(input);
            document.body.append(form);
            form.submit();
        }""",
        list(make_silence()),
    )
    card = app.locator(".job-card").filter(has_text="Voice memo é").first
    expect(card.locator(".chip")).to_have_text("Completed", timeout=30_000)
    app.reload()
    expect(app.locator(".upload-row")).to_have_count(0)


def test_somebody_else_in_the_same_browser_does_not_see_what_waits(web, app, new_context):
    app.evaluate(
        """async () => {
            const source = [...document.scripts].find((script) => script.src.includes("/home.")).src;
            const { openStore } = await import(source.replace(/pages.home[^/]*js$/, "send/recording-store.js"));
            const store = await openStore();
            const empty = { seconds: 3, parts: [{ isClosed: true }], isOver: false, marks: [], losses: [] };
            await store.saveRecording({ key: "k", owner: "boris", title: "Private", ...empty });
        }"""
    )
    app.reload()
    app.wait_for_load_state("networkidle")
    expect(app.locator(KEPT_HERE)).to_have_count(0)


def test_without_a_service_worker_a_share_leads_home(tab, live_site):
    tab.goto("/")
    assert tab.request.post("/share/", multipart={"audio": "x"}).url.rstrip("/") == live_site.url


def test_an_update_replaces_what_the_browser_keeps_and_leaves_open_pages_alone(app):
    app.evaluate("window.isSamePage = true")
    app.evaluate("caches.open('transcribe-shell-of-an-older-version').then(() => true)")
    # Another script is to browsers what a newer one is: it is installed beside the old one, and takes its place.
    app.evaluate("navigator.serviceWorker.register('/service-worker.js?next', { scope: '/' }).then(() => true)")
    app.wait_for_function("() => navigator.serviceWorker.controller.scriptURL.endsWith('next')")
    app.wait_for_function("() => caches.keys().then((names) => names.length === 1 && !names[0].includes('older'))")
    assert app.evaluate("isSamePage")
