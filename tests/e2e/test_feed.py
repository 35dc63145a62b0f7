"""Pages follow and share the stream of events.

They notice by themselves when it has died.
"""

import json
import re
import socket
import threading
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, manage, sign_in

pytestmark = pytest.mark.e2e

LIVE = "() => document.querySelector('[data-live-state]').classList.contains('is-live')"
HEALS_MS = 20_000
# After this time the server has closed all connections but the stream's.
IDLE_MS = 6000


ADD_BORIS = f"""
from accounts.models import User
User.objects.create_user("boris", password="{PASSWORD}")
"""


class Proxy:
    """Passes connections on, and can fall silent on those it has.

    As some networks do: no end, no error.
    """

    def __init__(self, target):
        self.target = target
        self.silent = set()
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()

    def accept(self):
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.pairs.append((near, far))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    def pass_on(self, source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                if source not in self.silent:
                    sink.sendall(data)
            if source not in self.silent:
                sink.shutdown(socket.SHUT_WR)

    def fall_silent(self):
        """Swallow all data on the connections that are open now."""
        self.silent |= {end for pair in self.pairs for end in pair}

    def close(self):
        # A connection that comes now would never be closed.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(10)
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                end.close()


@pytest.fixture
def proxy(live_site):
    proxy = Proxy(live_site.port)
    yield proxy
    proxy.close()


def wait_until_live(tab):
    tab.wait_for_function(LIVE, timeout=HEALS_MS)


def find_card(tab, job):
    return tab.locator(f"#job-{job['id']}")


def test_a_job_is_followed_without_asking_again_and_again(tab, live_site, make_silence):
    tab.goto("/")
    wait_until_live(tab)
    tab.wait_for_timeout(700)
    asked = []
    tab.on("request", lambda request: asked.append(request.url) if "/fragments/" in request.url else None)
    tab.wait_for_timeout(3000)
    assert asked == []
    job = live_site.submit("Followed.wav", make_silence())
    expect(find_card(tab, job).locator(".chip").first).to_have_text("Completed", timeout=30_000)
    assert len(asked) < 12


def test_the_text_comes_line_by_line_and_the_page_says_when_it_was_deleted(tab, live_site, speech_file):
    job = live_site.submit("Lines.wav", speech_file.read_bytes())
    tab.goto(f"/jobs/{job['id']}/")
    expect(tab.locator(".segment").first).to_contain_text("ver tried", timeout=30_000)
    expect(tab.locator(".chip").first).to_have_text("Completed", timeout=30_000)
    wait_until_live(tab)
    recording = live_site.call(f"/api/jobs/{job['id']}/")["recording"]["id"]
    body = json.dumps({"title": "Better lines"}).encode()
    live_site.call(f"/api/recordings/{recording}/", body, headers={"Content-Type": "application/json"}, method="PATCH")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Better lines")
    expect(tab).to_have_title(re.compile("^Better lines "))
    live_site.discard(live_site.call(f"/api/jobs/{job['id']}/")["recording"]["id"])
    expect(tab.get_by_text("This recording was deleted.")).to_be_visible()
    # Its text can still be copied, and nothing else be done with it.
    expect(tab.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    for name in ("Transcribe again", "Delete…", "Play"):
        expect(tab.get_by_text(name, exact=True)).to_be_hidden()
    assert Axe().run(tab).response["violations"] == []
    expect(tab.locator("#offline")).to_be_hidden()


def test_a_deleted_card_goes(tab, live_site, make_silence):
    job = live_site.wait(live_site.submit("Gone soon.wav", make_silence()))
    tab.goto("/")
    wait_until_live(tab)
    expect(find_card(tab, job)).to_be_visible()
    live_site.discard(live_site.call(f"/api/jobs/{job['id']}/")["recording"]["id"])
    expect(find_card(tab, job)).to_have_count(0)


def test_tabs_share_one_connection_and_hand_it_over(new_context, signed_in, live_site, make_silence):
    context = new_context(**signed_in)
    streams = []
    context.on("request", lambda request: streams.append(request.url) if "/api/events/" in request.url else None)
    first, second, third = (context.new_page() for _ in range(3))
    for tab in (first, second, third):
        tab.goto("/")
        wait_until_live(tab)
    assert len(streams) == 1
    first.close()
    wait_until_live(second)
    second.wait_for_timeout(500)
    job = live_site.submit("Handed over.wav", make_silence())
    for tab in (second, third):
        tab.bring_to_front()
        expect(find_card(tab, job).locator(".chip").first).to_have_text("Completed", timeout=30_000)
    assert len(streams) == 2
    assert "last_event_id=" in streams[1]


def test_without_the_stream_the_page_asks(tab, live_site, make_silence):
    tab.route("**/api/events/**", lambda route: route.abort())
    tab.goto("/")
    expect(tab.locator("[data-live-state]")).to_have_text("Not live", timeout=10_000)
    job = live_site.submit("Asked for.wav", make_silence())
    expect(find_card(tab, job)).to_be_visible(timeout=15_000)


def test_a_question_that_nobody_answers_is_given_up(new_context, signed_in, live_site, make_silence):
    tab = new_context(**signed_in).new_page()
    tab.clock.install()
    tab.route("**/api/events/**", lambda route: route.abort())
    tab.goto(live_site.url)
    asked = []

    def swallow_first(route):
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()

    tab.route("**/fragments/jobs/**", swallow_first)
    job = live_site.submit("Unanswered.wav", make_silence())
    tab.clock.run_for(9000)
    tab.wait_for_timeout(500)
    assert len(asked) == 1
    tab.clock.run_for(15_000)
    expect(find_card(tab, job)).to_be_visible(timeout=8000)
    tab.unroute_all(behavior="ignoreErrors")


def test_two_tabs_without_a_stream_leave_each_other_in_peace(new_context, signed_in, live_site):
    context = new_context(**signed_in)
    context.route("**/api/events/**", lambda route: route.abort())
    context.add_init_script("""
        const { request } = navigator.locks;
        window.steals = 0;
        navigator.locks.request = function (name, options, ...rest) {
            if (options?.steal) window.steals += 1;
            return request.call(this, name, options, ...rest);
        };
    """)
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        tab.clock.install()
        tab.goto(live_site.url)
    for _ in range(12):
        for tab in tabs:
            tab.clock.run_for(2000)
            tab.wait_for_timeout(20)
    assert [tab.evaluate("window.steals") for tab in tabs] == [0, 0]


def test_a_server_that_comes_back_is_found(new_context, signed_in, web, make_silence):
    tab = new_context(**signed_in).new_page()
    tab.goto(web.site.url)
    wait_until_live(tab)
    web.kill()
    expect(tab.locator("#offline")).to_be_visible(timeout=HEALS_MS)
    assert not tab.evaluate(LIVE)
    web.start()
    job = web.site.submit("Meanwhile.wav", make_silence())
    expect(find_card(tab, job)).to_be_visible(timeout=HEALS_MS)
    wait_until_live(tab)
    expect(tab.locator("#offline")).to_be_hidden()


def test_a_network_that_swallows_everything_is_noticed(new_context, signed_in, proxy, live_site, make_silence):
    tab = new_context(**signed_in).new_page()
    tab.goto(f"http://localhost:{proxy.port}/")
    wait_until_live(tab)
    tab.wait_for_timeout(IDLE_MS)
    proxy.fall_silent()
    job = live_site.submit("Swallowed.wav", make_silence())
    expect(find_card(tab, job)).to_be_visible(timeout=HEALS_MS)


def test_after_a_sleep_the_page_looks_at_once(new_context, signed_in, proxy, live_site, make_silence):
    tab = new_context(**signed_in).new_page()
    tab.clock.install()
    tab.goto(f"http://localhost:{proxy.port}/")
    wait_until_live(tab)
    tab.wait_for_timeout(IDLE_MS)
    proxy.fall_silent()
    job = live_site.submit("Slept.wav", make_silence())
    # The clock on the wall goes on while a laptop sleeps, its timers do not.
    tab.clock.set_system_time(tab.evaluate("() => Date.now()") / 1000 + 60)
    expect(find_card(tab, job)).to_be_visible(timeout=8000)


def test_recordings_come_change_and_go(tab, live_site, make_silence, ended_jobs):
    tab.goto("/recordings/")
    wait_until_live(tab)
    other = tab.locator(f"#recording-{ended_jobs['speech']['recording']['id']}")
    other.locator("summary").click()
    other.get_by_label("Title").fill("Half a ti")
    job = live_site.submit("Listed.wav", make_silence())
    card = tab.locator(f"#recording-{job['recording']['id']}")
    expect(card.locator(".chip").first).to_have_text("Completed", timeout=30_000)
    # A person who writes goes on writing.
    expect(other.get_by_label("Title")).to_have_value("Half a ti")
    expect(other.get_by_label("Title")).to_be_focused()
    live_site.discard(job["recording"]["id"])
    expect(card).to_have_count(0)


def test_the_log_goes_on_while_it_is_read(tab, live_site, speech_file):
    job = live_site.submit("Logged.wav", speech_file.read_bytes())
    tab.goto(f"/jobs/{job['id']}/log/")
    expect(tab.locator(".chip").first).to_have_text("Completed", timeout=30_000)
    expect(tab.locator(".log-entry").first).to_contain_text("Completed")
    body = json.dumps({"title": "Better logged"}).encode()
    address = f"/api/recordings/{job['recording']['id']}/"
    live_site.call(address, body, headers={"Content-Type": "application/json"}, method="PATCH")
    expect(tab.get_by_role("link", name="Better logged")).to_be_visible()
    expect(tab).to_have_title(re.compile("^Log of Better logged "))
    entries = tab.locator(".log-entry").count()
    tab.reload()
    assert tab.locator(".log-entry").count() == entries
    live_site.discard(job["recording"]["id"])
    expect(tab.locator("[data-gone]")).to_be_visible()


def test_after_an_outage_the_stream_does_not_wait(new_context, signed_in, live_site):
    """The stream is retried soon once a server has answered again.

    It is tried seldom after many failures.
    """
    tab = new_context(**signed_in).new_page()
    tab.goto("/")
    wait_until_live(tab)
    for place in ("**/api/events/**", "**/fragments/**"):
        tab.route(place, lambda route: route.abort())
    tab.evaluate("""() => import('/static/js/live/feed.js').then(({ feed }) => {
        feed.stream.failures = 10;
        feed.stream.fail();
    })""")
    expect(tab.locator("#offline")).to_be_visible(timeout=HEALS_MS)
    tab.unroute_all(behavior="ignoreErrors")
    wait_until_live(tab)


def test_signing_out_in_one_tab_takes_what_is_shown_off_the_others(new_context, live_site, ended_jobs):
    context = new_context(base_url=live_site.url, service_workers="block")
    first, second, recording = (context.new_page() for _ in range(3))
    sign_in(first)
    second.goto(f"/jobs/{ended_jobs['speech']['id']}/")
    recording.goto("/")
    recorder = recording.locator("#recorder")
    recorder.get_by_role("button", name="Record").click()
    expect(recorder.get_by_role("timer")).to_have_text("0:01", timeout=10_000)
    first.bring_to_front()
    first.locator(".user-menu").click()
    first.get_by_role("button", name="Sign out").click()
    second.wait_for_url("**/sign-in/?next=/jobs/**", timeout=5000)
    expect(second.locator(".segment")).to_have_count(0)
    recording.bring_to_front()
    expect(recording.get_by_role("dialog", name="Sign in to go on")).to_be_visible(timeout=12_000)
    # What was said is not shown any more, and comes back with its person.
    expect(recording.locator("[data-live-list]")).to_be_hidden()
    before = recorder.get_by_role("timer").inner_text()
    expect(recorder.get_by_role("timer")).not_to_have_text(before)


def test_a_session_that_ends_is_noticed_at_once_and_nothing_of_the_next_is_shown(
    new_context, live_site, site_environment, ended_jobs
):
    manage(site_environment, "shell", "--command", ADD_BORIS)
    context = new_context(base_url=live_site.url, service_workers="block")
    first, second = context.new_page(), context.new_page()
    sign_in(first)
    second.goto("/")
    wait_until_live(second)
    # Without the script by which a page says so to the others.
    first.evaluate("document.querySelector('[data-sign-out]').submit()")
    first.get_by_label("Username").wait_for()
    dialog = second.get_by_role("dialog", name="Sign in to go on")
    second.bring_to_front()
    expect(dialog).to_be_visible(timeout=12_000)
    first.get_by_label("Username").fill("boris")
    first.get_by_label("Password").fill(PASSWORD)
    first.get_by_role("button", name="Sign in").click()
    expect(first.locator(".user-name")).to_have_text("boris")
    shown = second.locator("[data-cards] > *").count()
    second.bring_to_front()
    with second.expect_response("**/fragments/jobs/**") as answer:
        second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert (answer.value.status, second.locator("[data-cards] > *").count()) == (409, shown)
    assert shown > 0
    asked = []
    context.on("request", lambda request: asked.append(request.url) if "/api/events/" in request.url else None)
    second.wait_for_timeout(3000)
    assert len(asked) <= 1
    expect(second.locator("#offline")).to_be_hidden()


class TestNewVersions:
    """Two versions deployed one after the other."""

    @pytest.fixture
    def open_page(self, new_context, signed_in, web):
        def open_page(path="/", **options):
            tab = new_context(**{**signed_in, **options}).new_page()
            tab.goto(web.site.url + path)
            wait_until_live(tab)
            tab.evaluate("document.getElementById('new-version').dataset.countdownSeconds = '3'")
            tab.evaluate("window.isSamePage = true")
            return tab

        return open_page

    def deploy(self, web, version):
        web.kill()
        web.start(version)

    def test_an_idle_page_loads_itself_anew_with_a_new_shell(self, open_page, web):
        tab = open_page(service_workers="allow")
        tab.evaluate("async () => { await navigator.serviceWorker.ready; }")
        before = tab.evaluate("() => caches.keys()")
        self.deploy(web, "0.1.1")
        bar = tab.locator("#new-version")
        expect(bar).to_contain_text("A new version of Transcribe is here. This page reloads in", timeout=HEALS_MS)
        assert Axe().run(tab).response["violations"] == []
        tab.wait_for_function("() => !window.isSamePage && document.readyState === 'complete'", timeout=20_000)
        assert tab.evaluate("document.querySelector('meta[name=frontend-version]').content") == "0.1.1"
        after = tab.evaluate("() => caches.keys()")
        assert (len(after), set(after) & set(before)) == (1, set())
        wait_until_live(tab)
        expect(bar).to_be_hidden()

    def test_the_countdown_stands_still_without_a_server_and_can_be_stopped(self, open_page, web):
        tab = open_page()
        self.deploy(web, "0.1.1")
        expect(tab.locator("[data-countdown]")).to_be_visible(timeout=HEALS_MS)
        web.kill()
        expect(tab.locator("#new-version")).to_be_hidden()
        tab.wait_for_timeout(4000)
        assert tab.evaluate("window.isSamePage")
        web.start("0.1.1")
        tab.get_by_role("button", name="Stay here").click(timeout=HEALS_MS)
        tab.wait_for_timeout(4000)
        assert tab.evaluate("window.isSamePage")
        tab.get_by_role("button", name="Reload now").click()
        tab.wait_for_function("() => !window.isSamePage")

    def test_a_page_with_an_edit_and_one_that_shows_a_secret_wait(self, open_page, web, ended_jobs):
        tab = open_page(f"/jobs/{ended_jobs['speech']['id']}/")
        tab.locator(".rename summary").click()
        tab.get_by_label("Title").fill("Half a ti")
        other = tab.context.new_page()
        other.goto(f"{web.site.url}/settings/tokens/")
        other.get_by_label("Name").fill("backup")
        other.get_by_role("button", name="Create token").click()
        secret = other.locator("#one-time-secret")
        shown = secret.input_value()
        other.evaluate("document.getElementById('new-version').dataset.countdownSeconds = '1'")
        other.wait_for_function("() => import('/static/js/live/feed.js').then(({ feed }) => feed.isLive)")
        self.deploy(web, "0.1.1")
        expect(tab.get_by_role("button", name="Reload now")).to_be_visible(timeout=HEALS_MS)
        expect(tab.locator("[data-countdown]")).to_be_hidden()
        tab.wait_for_timeout(4000)
        assert tab.evaluate("window.isSamePage")
        expect(tab.get_by_label("Title")).to_have_value("Half a ti")
        other.bring_to_front()
        expect(other.locator("[data-countdown]")).to_be_hidden()
        assert secret.input_value() == shown
        # What a form has sent is not sent once more.
        number = other.locator("main .list-group-item").count()
        other.get_by_role("button", name="Reload now").click()
        expect(secret).to_have_count(0)
        expect(other.locator("main .list-group-item")).to_have_count(number)

    def test_what_begins_while_the_new_files_come_is_not_lost(self, open_page, web, ended_jobs):
        tab = open_page(f"/jobs/{ended_jobs['speech']['id']}/")
        tab.evaluate("""() => {
            navigator.serviceWorker.getRegistration = () => {
                window.isAsked = true;
                return new Promise((resolve) => setTimeout(resolve, 3000));
            };
        }""")
        self.deploy(web, "0.1.1")
        tab.wait_for_function("() => window.isAsked", timeout=HEALS_MS)
        tab.locator(".rename summary").click()
        tab.get_by_label("Title").fill("Half a ti")
        tab.wait_for_timeout(5000)
        assert tab.evaluate("window.isSamePage")
        expect(tab.get_by_label("Title")).to_have_value("Half a ti")
        expect(tab.get_by_role("button", name="Reload now")).to_be_visible()
        expect(tab.locator("[data-countdown]")).to_be_hidden()

    def test_whoever_stays_stays_also_while_the_new_files_come(self, open_page, web):
        tab = open_page()
        tab.evaluate("""() => {
            navigator.serviceWorker.getRegistration = () => {
                window.isAsked = true;
                return new Promise((resolve) => setTimeout(resolve, 3000));
            };
        }""")
        self.deploy(web, "0.1.1")
        tab.wait_for_function("() => window.isAsked", timeout=HEALS_MS)
        tab.get_by_role("button", name="Stay here").click()
        tab.wait_for_timeout(6000)
        assert tab.evaluate("window.isSamePage")
        expect(tab.locator("[data-countdown]")).to_be_hidden()

    def test_a_page_that_records_waits(self, open_page, web):
        tab = open_page()
        recorder = tab.locator("#recorder")
        recorder.get_by_role("button", name="Record").click()
        expect(recorder.get_by_role("timer")).to_have_text("0:01", timeout=10_000)
        self.deploy(web, "0.1.1")
        expect(tab.get_by_role("button", name="Reload now")).to_be_visible(timeout=HEALS_MS)
        tab.wait_for_timeout(4000)
        assert tab.evaluate("window.isSamePage")
        expect(tab.locator("[data-countdown]")).to_be_hidden()
        recorder.get_by_role("button", name="Stop").click()
        expect(recorder.locator("[data-status]")).to_contain_text("Recorded", timeout=HEALS_MS)
        tab.wait_for_function("() => !window.isSamePage", timeout=HEALS_MS)

    def test_a_version_that_does_not_serve_the_page_says_so_by_the_stream(self, open_page, web):
        tab = open_page()
        tab.route("**/fragments/**", lambda route: route.abort())
        self.deploy(web, "1.0.0")
        expect(tab.locator("#mismatch")).to_contain_text("Transcribe was updated. Reload to go on.", timeout=HEALS_MS)
        expect(tab.locator("#new-version")).to_be_hidden()
        # A page of the new version is none of that.
        fresh = tab.context.new_page()
        fresh.goto(web.site.url)
        wait_until_live(fresh)
        expect(fresh.locator("#mismatch")).to_be_hidden()
