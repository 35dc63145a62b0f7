"""Stepping through the review spots by eye, key and ear."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.speech]


@pytest.fixture
def job_page(tab, doubtful_job):
    tab.goto(f"/jobs/{doubtful_job['id']}/")
    return tab


def get_audio(page, name):
    return page.locator("audio").evaluate(f"(audio) => audio.{name}")


def list_review_spots(page):
    return page.locator("[data-review-spot]").evaluate_all("(places) => places.map((place) => ({ ...place.dataset }))")


# pains T1, T2
def test_keys_step_through_the_places_and_play_each_to_its_end(job_page):
    places = list_review_spots(job_page)
    count = job_page.locator("[data-spot-words]")
    total = len(places)
    assert total >= 4
    job_page.keyboard.press("n")
    expect(count).to_have_text(f"1 of {total} doubtful places")
    expect(job_page.locator(".review-spot.is-shown")).to_be_in_viewport()
    job_page.keyboard.press("p")
    expect(count).to_have_text(f"{total} of {total} doubtful places")
    expect(job_page.locator(".segment-missing.is-shown")).to_contain_text("Sound is missing here")
    assert get_audio(job_page, "paused") is False
    assert get_audio(job_page, "currentTime") == pytest.approx(float(places[-1]["start"]) - 1, abs=0.5)
    expect(job_page.locator("audio")).to_have_js_property("paused", True, timeout=8000)
    assert get_audio(job_page, "currentTime") == pytest.approx(float(places[-1]["end"]), abs=0.4)


def test_a_screen_reader_hears_which_place_it_is_and_why(job_page):
    job_page.get_by_role("button", name="Next doubtful place").click()
    expect(job_page.locator("#announcer")).to_contain_text(f"1 of {len(list_review_spots(job_page))}: May be wrong")


def test_listen_plays_the_same_place_again(job_page):
    job_page.keyboard.press("n")
    job_page.get_by_role("button", name="Listen").click()
    expect(job_page.locator("[data-spot-count]")).to_have_text(f"1 of {len(list_review_spots(job_page))}")
    assert get_audio(job_page, "paused") is False


def test_a_place_of_the_list_is_shown_and_played(job_page):
    job_page.locator(".review-list summary").click()
    job_page.locator("[data-review-spot]", has_text="Repeats itself").click()
    line = job_page.locator(".segment.is-shown")
    expect(line).to_contain_text("Try again. Try again.")
    expect(job_page.locator(".spot-list")).to_be_hidden()
    expect(job_page.get_by_role("button", name="Next doubtful place")).to_be_focused()


def test_after_a_place_the_rest_plays_on_when_it_is_asked_for(job_page):
    job_page.keyboard.press("n")
    expect(job_page.locator("audio")).to_have_js_property("paused", True, timeout=8000)
    at = get_audio(job_page, "currentTime")
    job_page.locator("#main").press(" ")
    job_page.wait_for_timeout(900)
    assert (get_audio(job_page, "paused"), get_audio(job_page, "currentTime") > at + 0.3) == (False, True)


def test_a_click_on_a_stretch_without_text_plays_it(job_page):
    line = job_page.locator(".segment-missing", has_text="Somebody speaks here")
    line.locator(".segment-gap").click()
    assert get_audio(job_page, "currentTime") == pytest.approx(8, abs=0.5)


def test_keys_are_letters_where_somebody_types(job_page):
    job_page.locator(".rename summary").click()
    job_page.get_by_label("Title").press("End")
    job_page.keyboard.type("np")
    expect(job_page.get_by_label("Title")).to_have_value("Doubtfulnp")
    expect(job_page.locator(".is-shown")).to_have_count(0)


def test_marks_are_no_part_of_what_is_copied(job_page):
    text = job_page.locator(".segment-text").first
    assert "May be wrong" not in text.inner_text()


def test_a_click_beyond_a_mark_plays_from_that_word(job_page):
    line = job_page.locator(".segment:has(.review-spot)").first
    start, place = line.get_attribute("data-words").split(" ")[-1].split(",")
    box = line.locator(".segment-text").evaluate(
        """(text, place) => {
            const last = text.lastChild;
            const range = document.createRange();
            const offset = Number(place) - (text.textContent.length - last.length);
            range.setStart(last, offset);
            range.setEnd(last, offset + 2);
            const { x, y, width, height } = range.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
        }""",
        place,
    )
    job_page.mouse.click(*box)
    assert get_audio(job_page, "currentTime") == pytest.approx(float(start), abs=0.5)


def test_without_javascript_the_places_are_links(new_context, signed_in, doubtful_job):
    page = new_context(**signed_in, java_script_enabled=False).new_page()
    page.goto(f"/jobs/{doubtful_job['id']}/")
    page.locator(".review-list summary").click()
    page.locator("[data-review-spot]", has_text="Repeats itself").click()
    expect(page.locator(".segment:target")).to_contain_text("Try again. Try again.")
    expect(page.get_by_role("button", name="Listen")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_bar_and_a_place_that_is_shown_have_no_violation(job_page, scheme, width):
    job_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    job_page.set_viewport_size({"width": width, "height": 700})
    job_page.keyboard.press("n")
    job_page.locator(".review-list summary").click()
    found = Axe().run(job_page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert job_page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
