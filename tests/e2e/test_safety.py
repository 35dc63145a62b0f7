"""Nothing that was said is lost.

Not by the page, the network, the server or the login.
"""

import hashlib
import os
import re
import signal
import wave
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, manage, sign_in

pytestmark = pytest.mark.e2e

# A microphone that is connected and hears nothing.
SILENT_MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext();
    const [source, gain, end] = [sound.createConstantSource(), sound.createGain(), sound.createMediaStreamDestination()];
    gain.gain.value = 0;
    source.connect(gain).connect(end);
    source.start();
    return end.stream;
};
"""
DEAD_MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
"""
KEEP_STREAMS = """
window.opened = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.opened.push(stream);
    return stream;
};
"""


MAKE_OLD = """
from datetime import timedelta
from django.utils import timezone
from jobs.models import Recording
Recording.objects.filter(key="left").update(created_at=timezone.now() - timedelta(hours=1))
"""

KEEP_SOUNDS = """
window.sounds = [];
window.AudioContext = class extends AudioContext {
    constructor(...options) { super(...options); window.sounds.push(this); }
};
"""
# A system that puts a page to sleep stops its clocks of sound and runs none of its code.
SLEEP = """
async () => {
    await sounds.at(-1).suspend();
    const end = performance.now() + 4000;
    while (performance.now() < end);
    await sounds.at(-1).resume();
}
"""


@pytest.fixture
def own_tab(web, new_context, signed_in):
    """A page of the web process that may be killed."""
    return new_context(**{**signed_in, "base_url": web.site.url}).new_page()


def open_recorder(tab):
    tab.goto("/")
    return tab.locator("#recorder")


def record(recorder, clock):
    recorder.get_by_role("button", name="Record").click()
    expect(recorder.get_by_role("timer")).to_have_text(clock, timeout=20_000)


def stop(recorder):
    recorder.get_by_role("button", name="Stop").click()


def wait_for_card(tab):
    """Return the job of a new recording's or upload's card."""
    card = tab.locator(".job-card:focus")
    expect(card).to_have_count(1, timeout=30_000)
    return card.get_attribute("id").removeprefix("job-")


def read_end(site, key):
    """Return a job once it has ended, and its recording."""
    job = site.wait(site.call(f"/api/jobs/{key}/"))
    return job, site.call(f"/api/recordings/{job['recording']['id']}/")


def read_text(site, key):
    return site.call(f"/api/jobs/{key}/transcript/?format=json")


# pains R1
def test_a_proxy_that_fails_delays_a_recording_and_loses_nothing(tab, live_site):
    recorder = open_recorder(tab)
    tab.route("**/api/**", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    record(recorder, "0:02")
    expect(recorder.locator("[data-saved]")).to_contain_text("Kept in this browser, and sent as soon as that works.")
    tab.unroute("**/api/**")
    expect(recorder.locator("[data-saved]")).to_contain_text("on the server", timeout=30_000)
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], recording["duration"] >= 2) == ("completed", True)


# pains R2
@pytest.mark.speech
def test_what_was_said_before_the_browser_was_killed_is_offered_and_transcribed(
    live_site, browser_type, browser_type_launch_args, tmp_path
):
    options = {"base_url": live_site.url, **browser_type_launch_args}
    context = browser_type.launch_persistent_context(str(tmp_path), **options)
    tab = context.new_page()
    sign_in(tab)
    recorder = tab.locator("#recorder")
    record(recorder, "0:06")
    kill_browser(tmp_path)
    context = browser_type.launch_persistent_context(str(tmp_path), **options)
    tab = context.new_page()
    tab.goto("/")
    if "/sign-in/" in tab.url:  # the session's cookie had not reached the disk when the browser was killed
        sign_in(tab)
    line = tab.locator("#unfinished li").filter(has_text="in this browser")
    expect(line).to_contain_text("0:0")
    key = line.get_attribute("data-key")
    line.get_by_role("button", name="Finish and transcribe").click()
    expect(tab.locator(f"[data-key='{key}']")).to_have_count(0, timeout=15_000)
    newest = live_site.call("/api/recordings/?page_size=1")["results"][0]
    job, recording = read_end(live_site, live_site.call(f"/api/recordings/{newest['id']}/")["job"])
    context.close()
    assert recording["duration"] >= 3.9  # all but the last piece of two seconds
    text = read_text(live_site, job["id"])
    assert "ever" in text["text"].lower()
    assert [note["kind"] for note in text["notes"]] == ["interrupted"]


def kill_browser(folder):
    """End the browser of a folder as by a crash."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}" in words and not any(word.startswith("--type=") for word in words):
            os.kill(int(process.name), signal.SIGKILL)


def test_a_recording_that_another_browser_left_is_offered_and_can_be_discarded(tab, live_site, site_environment):
    headers = {"Content-Type": "application/json"}
    left = live_site.call("/api/recordings/", b'{"key": "left", "title": "Left behind"}', headers=headers)
    manage(site_environment, "shell", "--command", MAKE_OLD)
    tab.goto("/")
    line = tab.locator("#unfinished li").filter(has_text="Left behind")
    line.get_by_role("button", name="Finish and transcribe").click()
    expect(tab.locator("#toasts")).to_contain_text("Nothing of this recording has arrived yet")
    line.get_by_role("button", name="Discard").click()
    tab.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(line).to_have_count(0)
    assert left["id"] not in [row["id"] for row in live_site.call("/api/recordings/?state=receiving")["results"]]


def test_two_pages_record_at_once_and_neither_takes_the_others_for_left_behind(tab, live_site):
    first = open_recorder(tab)
    record(first, "0:02")
    other = tab.context.new_page()
    second = open_recorder(other)
    expect(second.get_by_role("button", name="Record")).to_be_enabled()
    expect(other.locator("#unfinished").filter(has_text="in this browser")).to_have_count(0)
    record(second, "0:02")
    jobs = []
    for page, recorder in ((tab, first), (other, second)):
        stop(recorder)
        jobs.append(read_end(live_site, wait_for_card(page))[0])
    assert [job["state"] for job in jobs] == ["completed", "completed"]
    assert jobs[0]["recording"]["id"] != jobs[1]["recording"]["id"]


# pains R3
def test_after_the_session_ran_out_one_signs_in_again_in_place_and_the_recording_goes_on(tab, live_site):
    recorder = open_recorder(tab)
    tab.evaluate("window.isSamePage = true")
    record(recorder, "0:01")
    tab.context.clear_cookies()
    dialog = tab.get_by_role("dialog", name="Sign in to go on")
    expect(dialog).to_contain_text("anna", timeout=10_000)
    dialog.get_by_label("Password").fill("not this one")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_contain_text("That was not right.")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(recorder.get_by_role("timer")).to_be_visible()
    expect(recorder.locator("[data-saved]")).to_contain_text("on the server", timeout=30_000)
    stop(recorder)
    job, _ = read_end(live_site, wait_for_card(tab))
    assert (job["state"], tab.evaluate("isSamePage")) == ("completed", True)


# pains R4
def test_the_screen_is_kept_on_and_taken_again_when_the_page_is_seen_again(tab, live_site):
    tab.add_init_script(
        """
        window.locks = [];
        Object.defineProperty(navigator, "wakeLock", { value: { request: async (kind) => {
            const shown = document.querySelector("#recorder").dataset.state;
            const lock = { kind, shown, released: false, release() { this.released = true; } };
            window.locks.push(lock);
            return lock;
        } } });
        """
    )
    recorder = open_recorder(tab)
    record(recorder, "0:01")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    stop(recorder)
    wait_for_card(tab)
    locks = tab.evaluate("locks.map(({ kind, released }) => [kind, released])")
    assert [kind for kind, _ in locks] == ["screen", "screen"]
    assert locks[-1][1]


def test_a_page_that_was_put_to_sleep_tells_of_the_gap(tab, live_site):
    tab.add_init_script(KEEP_SOUNDS)
    recorder = open_recorder(tab)
    record(recorder, "0:01")
    tab.evaluate(SLEEP)
    expect(recorder.get_by_role("alert")).to_contain_text("The page was put to sleep for a while")
    expect(recorder.get_by_role("timer")).to_have_text("0:06", timeout=10_000)
    stop(recorder)
    _, recording = read_end(live_site, wait_for_card(tab))
    (loss,) = recording["losses"]
    assert (loss["reason"], loss["seconds"] > 2) == ("suspended", True)


# pains R7
def test_a_microphone_that_goes_away_is_told_at_once_and_another_goes_on(tab, live_site):
    tab.add_init_script(KEEP_STREAMS)
    recorder = open_recorder(tab)
    record(recorder, "0:02")
    tab.evaluate("opened[0].getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    tab.wait_for_function("() => opened.length === 2")
    expect(recorder.get_by_role("alert")).to_contain_text("Recording goes on with another one")
    expect(recorder.get_by_role("timer")).to_have_text("0:04", timeout=10_000)
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], [loss["reason"] for loss in recording["losses"]]) == ("completed", ["microphone_lost"])
    tab.goto(f"/jobs/{job['id']}/")
    expect(tab.locator(".segment-microphone_lost")).to_contain_text("The microphone went away")


def test_without_another_microphone_it_waits_and_says_so(tab, live_site):
    tab.add_init_script(KEEP_STREAMS)
    recorder = open_recorder(tab)
    record(recorder, "0:02")
    tab.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('gone', 'NotFoundError'); }; }"
    )
    tab.evaluate("opened[0].getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(recorder.get_by_role("alert")).to_contain_text("The microphone went away. What you said so far is kept.")
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], recording["duration"] >= 1.9) == ("completed", True)


def test_what_is_paused_stays_so_when_another_microphone_is_chosen(tab, live_site):
    recorder = open_recorder(tab)
    record(recorder, "0:02")
    recorder.get_by_role("button", name="Pause").click()
    recorder.locator("[data-device]").select_option(index=1)
    tab.wait_for_timeout(2500)
    expect(recorder.get_by_role("button", name="Go on")).to_be_visible()
    expect(recorder.get_by_role("timer")).to_have_text("0:02")
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], recording["duration"] < 4) == ("completed", True)


# pains R8
def test_silence_raises_an_alarm_and_is_marked(tab, live_site):
    tab.add_init_script(SILENT_MICROPHONE)
    recorder = open_recorder(tab)
    record(recorder, "0:08")
    expect(recorder.get_by_role("alert")).to_contain_text("No sound reaches the microphone.")
    expect(recorder.get_by_role("timer")).to_have_text("0:09")
    stop(recorder)
    _, recording = read_end(live_site, wait_for_card(tab))
    (loss,) = recording["losses"]
    assert (loss["reason"], loss["start"] < 1, loss["seconds"] > 7) == ("silence", True, True)


def test_a_microphone_that_the_system_mutes_is_told(tab, live_site):
    tab.add_init_script(KEEP_STREAMS)
    recorder = open_recorder(tab)
    record(recorder, "0:01")
    tab.evaluate("Object.defineProperty(opened[0].getAudioTracks()[0], 'muted', { value: true })")
    expect(recorder.get_by_role("alert")).to_contain_text("The microphone is muted by the system")
    stop(recorder)
    _, recording = read_end(live_site, wait_for_card(tab))
    assert [loss["reason"] for loss in recording["losses"]] == ["muted"]


def test_a_microphone_that_gives_nothing_at_all_is_not_called_too_short(tab, live_site):
    tab.add_init_script(DEAD_MICROPHONE)
    recorder = open_recorder(tab)
    record(recorder, "0:02")
    stop(recorder)
    expect(recorder.locator("[data-status]")).to_contain_text("Nothing came from the microphone")


# pains R9
def test_a_recording_can_be_sought_in(tab, live_site):
    recorder = open_recorder(tab)
    record(recorder, "0:03")
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(tab))
    tab.goto(f"/jobs/{job['id']}/")
    tab.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    length, end = tab.evaluate(
        "[document.querySelector('audio').duration, document.querySelector('audio').seekable.end(0)]"
    )
    assert (abs(length - recording["duration"]) < 0.2, abs(end - length) < 0.2) == (True, True)


# pains R11
@pytest.mark.speech
def test_a_server_that_is_down_for_twenty_seconds_is_waited_for(web, own_tab, live_site):
    recorder = open_recorder(own_tab)
    record(recorder, "0:03")
    web.kill()
    expect(recorder.locator("[data-saved]")).to_contain_text("The server cannot be reached.", timeout=10_000)
    expect(recorder.get_by_role("timer")).to_have_text("0:23", timeout=30_000)
    web.start()
    stop(recorder)
    job, recording = read_end(live_site, wait_for_card(own_tab))
    assert (job["state"], recording["duration"] >= 22.5, recording["losses"]) == ("completed", True, [])
    assert read_text(live_site, job["id"])["text"].lower().count("fail") >= 4


def test_a_recording_made_offline_goes_when_the_network_is_back(tab, live_site):
    recorder = open_recorder(tab)
    tab.context.set_offline(True)
    record(recorder, "0:03")
    stop(recorder)
    expect(recorder.locator("[data-status]")).to_contain_text("It could not be sent yet, and is kept here.")
    with tab.expect_download() as download:
        recorder.get_by_role("button", name="Download my audio").click()
    assert download.value.path().stat().st_size > 10_000
    tab.context.set_offline(False)
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], recording["duration"] >= 2.9) == ("completed", True)


def test_who_has_used_up_the_quota_keeps_the_recording_and_sends_it_later(web, own_tab, live_site):
    web.kill()
    web.start(TRANSCRIBE_QUOTA_GB="0.000001")
    recorder = open_recorder(own_tab)
    expect(own_tab.locator(".quota.is-scarce")).to_contain_text("of 1.0\xa0KB used")
    record(recorder, "0:02")
    expect(recorder.locator("[data-saved]")).to_contain_text("You have used up the space")
    stop(recorder)
    expect(recorder.locator("[data-status]")).to_contain_text("It could not be sent yet, and is kept here.")
    web.kill()
    web.start()
    job, _ = read_end(live_site, wait_for_card(own_tab))
    assert job["state"] == "completed"


def test_an_upload_goes_on_after_a_killed_server_and_a_reload(web, own_tab, live_site, speech_file, tmp_path):
    file = make_long_wav(speech_file, tmp_path / "Lecture.wav", megabytes=30)
    slow_down(own_tab)
    own_tab.goto("/")
    own_tab.locator("#files").set_input_files(file)
    row = own_tab.locator(".upload-row")
    expect(row.locator(".upload-state")).to_contain_text("left", timeout=20_000)
    web.kill()
    expect(row.locator(".upload-error")).to_contain_text("It goes on by itself.", timeout=15_000)
    web.start()
    expect(row.locator(".upload-state")).to_have_text(re.compile(r"^[2-9]\d %"), timeout=20_000)
    own_tab.on("dialog", lambda dialog: dialog.accept())
    own_tab.reload()
    expect(row).to_contain_text("Choose this file again to go on where it stopped.")
    expect(row.locator(".upload-state")).not_to_have_text("0 % is here")
    own_tab.locator("#files").set_input_files(file)
    expect(row.locator(".upload-state")).to_have_text("Added", timeout=60_000)
    expect(row).to_have_count(0)
    job = next(job for job in live_site.call("/api/jobs/")["results"] if job["recording"]["title"] == "Lecture")
    recording = live_site.call(f"/api/recordings/{job['recording']['id']}/")
    live_site.call(f"/api/jobs/{job['id']}/cancel/", b"", method="POST")
    assert recording["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def make_long_wav(source, path, *, megabytes):
    with wave.open(str(source)) as file:
        settings, frames = file.getparams(), file.readframes(file.getnframes())
    with wave.open(str(path), "wb") as file:
        file.setparams(settings)
        for _ in range(megabytes * 1_000_000 // len(frames) + 1):
            file.writeframesraw(frames)
    return path


def slow_down(tab):
    """Give the page a connection of eight megabytes a second."""
    session = tab.context.new_cdp_session(tab)
    session.send("Network.enable")
    speeds = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": 8_000_000}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speeds})


def test_pauses_are_left_out_marks_are_kept_and_another_microphone_goes_on_in_the_same_recording(tab, live_site):
    recorder = open_recorder(tab)
    tab.locator("body").press("r")
    expect(recorder.get_by_role("timer")).to_have_text("0:02")
    recorder.get_by_role("button", name="Pause").click()
    tab.wait_for_timeout(2000)
    expect(recorder.get_by_role("timer")).to_have_text("0:02")
    recorder.get_by_role("button", name="Go on").click()
    tab.locator("main").press("m")
    recorder.get_by_label("Note for the mark at 0:0").fill("the budget")
    recorder.get_by_label("Note for the mark at 0:0").press("Enter")
    recorder.locator("[data-device]").select_option(index=1)
    expect(recorder.get_by_role("timer")).to_have_text("0:04", timeout=10_000)
    tab.locator("main").press("r")
    job, recording = read_end(live_site, wait_for_card(tab))
    assert (job["state"], recording["duration"] < 6, recording["losses"]) == ("completed", True, [])
    tab.goto(f"/jobs/{job['id']}/")
    expect(tab.locator(".segment-mark")).to_contain_text("the budget")
