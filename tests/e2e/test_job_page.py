import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.speech]


@pytest.fixture
def job_page(tab, ended_jobs):
    tab.goto(f"/jobs/{ended_jobs['speech']['id']}/")
    return tab


def get_time(tab):
    return tab.locator("audio").evaluate("(audio) => audio.currentTime")


def test_a_click_on_a_line_plays_from_there_and_marks_it(job_page):
    line = job_page.locator(".segment").last
    line.locator(".segment-time").click()
    expect(line).to_have_attribute("aria-current", "true")
    assert get_time(job_page) >= float(line.get_attribute("data-start"))


def test_a_click_on_a_word_plays_from_that_word(job_page):
    line = job_page.locator(".segment").first
    words = [word.split(",") for word in line.get_attribute("data-words").split(" ")]
    start, place = words[-1]
    box = line.locator(".segment-text").evaluate(
        """(text, place) => {
            const range = document.createRange();
            range.setStart(text.firstChild, place);
            range.setEnd(text.firstChild, place + 2);
            const { x, y, width, height } = range.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
        }""",
        int(place),
    )
    job_page.mouse.click(*box)
    assert get_time(job_page) == pytest.approx(float(start), abs=0.5)


def test_space_and_arrows_play_and_move(job_page):
    job_page.keyboard.press(" ")
    expect(job_page.get_by_role("button", name="Pause")).to_be_visible()
    job_page.keyboard.press(" ")
    before = get_time(job_page)
    job_page.keyboard.press("ArrowRight")
    assert get_time(job_page) == pytest.approx(before + 5, abs=0.3)


def test_keys_do_not_play_while_somebody_types(job_page):
    job_page.locator(".rename summary").click()
    job_page.get_by_label("Title").press("End")
    job_page.keyboard.type(" too")
    expect(job_page.get_by_label("Title")).to_have_value("Worstward Ho too")
    assert job_page.locator("audio").evaluate("(audio) => audio.paused")


def test_the_title_is_edited_in_place(job_page):
    job_page.locator(".rename summary").click()
    job_page.get_by_label("Title").fill("Beckett")
    job_page.get_by_role("button", name="Save").click()
    expect(job_page.get_by_role("heading", level=1)).to_have_text("Beckett")
    job_page.reload()
    expect(job_page.get_by_role("heading", level=1)).to_have_text("Beckett")
    job_page.locator(".rename summary").click()
    job_page.get_by_label("Title").fill("Worstward Ho")
    job_page.get_by_role("button", name="Save").click()
    expect(job_page.get_by_role("heading", level=1)).to_have_text("Worstward Ho")


def test_the_text_appears_while_the_job_page_is_open(tab, live_site, speech_file):
    job = live_site.submit("Watched.wav", speech_file.read_bytes())
    tab.goto(f"/jobs/{job['id']}/")
    expect(tab.locator(".segments")).to_contain_text("Fail better", timeout=60_000)
    expect(tab.locator(".job-facts .chip")).to_have_text("Completed", timeout=30_000)
    expect(tab.locator(".transcript-rest")).to_have_count(0)


def test_a_player_that_was_refused_is_tried_again_once_the_file_has_been_looked_into(tab, ended_jobs):
    address = f"/jobs/{ended_jobs['speech']['id']}/"

    def take_back_length(route):
        response = route.fetch()
        body = re.sub(r'data-(seconds|etag)="[^"]*"', r'data-\1=""', response.text())
        route.fulfill(response=response, body=body)

    tab.route(f"**{address}", take_back_length)
    tab.route("**/audio/", lambda route: route.fulfill(status=200, content_type="text/plain", body="not yet"))
    # The page asks by itself when its stream begins, which may be too early here.
    tab.route("**/fragments/**", lambda route: route.abort())
    tab.goto(address)
    expect(tab.locator("[data-audio-error]")).to_be_visible()
    tab.unroute("**/audio/")
    tab.unroute("**/fragments/**")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.locator("[data-audio-error]")).to_be_hidden()
    expect(tab.locator("audio")).to_have_js_property("error", None)
    tab.get_by_role("button", name="Play", exact=True).click()
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()


# pains T5
def test_a_transcript_of_five_hours_does_not_freeze_the_page(job_page):
    took = job_page.evaluate(
        """async () => {
            const box = document.querySelector("[data-segments]");
            const line = box.firstElementChild.outerHTML;
            box.innerHTML = line.repeat(6000);
            const start = performance.now();
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            return performance.now() - start;
        }"""
    )
    assert took < 1500


@pytest.mark.parametrize("hides_clipboard", [False, True])
def test_the_text_is_copied_also_where_the_browser_has_no_clipboard(job_page, hides_clipboard):
    job_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    job_page.evaluate("window.clipboard = navigator.clipboard")
    if hides_clipboard:
        job_page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    job_page.get_by_role("button", name="Copy").click()
    expect(job_page.get_by_role("button", name="Copied")).to_be_focused()
    assert job_page.evaluate("clipboard.readText()") == job_page.locator(".segment-text").inner_text() + "\n"


def test_the_player_is_two_keys_from_the_top_and_comes_before_the_lines(job_page):
    job_page.keyboard.press("Tab")
    job_page.keyboard.press("Tab")
    expect(job_page.get_by_role("link", name="Skip to player")).to_be_focused()
    job_page.keyboard.press("Enter")
    expect(job_page.locator("#player")).to_be_focused()
    job_page.keyboard.press("Tab")
    job_page.keyboard.press("Tab")
    expect(job_page.get_by_role("button", name="Play", exact=True)).to_be_focused()


def test_there_is_no_player_for_a_file_without_sound(tab, ended_jobs):
    tab.goto(f"/jobs/{ended_jobs['failed']['id']}/")
    expect(tab.get_by_role("link", name="Upload another")).to_be_visible()
    expect(tab.locator("#player")).to_be_hidden()
    tab.keyboard.press(" ")
    expect(tab.get_by_text("The audio could not be played")).to_be_hidden()
