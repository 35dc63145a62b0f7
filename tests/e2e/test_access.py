import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

PAGES = ("home", "failed", "recordings", "speech", "silence", "broken", "delete", "settings", "error")


def build_address(name, jobs):
    recording = jobs["speech"]["recording"]["id"]
    return {
        "home": "/",
        "failed": "/?state=failed",
        "recordings": "/recordings/",
        "speech": f"/jobs/{jobs['speech']['id']}/",
        "silence": f"/jobs/{jobs['silence']['id']}/",
        "broken": f"/jobs/{jobs['failed']['id']}/",
        "delete": f"/recordings/{recording}/delete/",
        "settings": "/settings/",
        "error": "/nothing-here",
    }[name]


def list_violations(page):
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(tab, ended_jobs, scheme):
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for name in PAGES:
        tab.goto(build_address(name, ended_jobs))
        found[name] = list_violations(tab)
    assert found == {name: [] for name in PAGES}


def test_the_sign_in_page_has_no_violation(page, live_site):
    page.goto(f"{live_site.url}/sign-in/")
    assert list_violations(page) == []


def test_nothing_has_to_be_scrolled_sideways_at_320_pixels(tab, ended_jobs):
    tab.set_viewport_size({"width": 320, "height": 640})
    too_wide = {}
    for name in PAGES:
        tab.goto(build_address(name, ended_jobs))
        too_wide[name] = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide == dict.fromkeys(PAGES, 0)


@pytest.mark.parametrize("width", [320, 1280])
def test_touch_targets_are_44_pixels_high(tab, ended_jobs, width):
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto("/")
    small = tab.evaluate(
        """() => [...document.querySelectorAll("button, summary, .btn, .site-nav a, .tabs a, select")]
            .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
            .map((element) => element.outerHTML)"""
    )
    assert small == []


def test_everything_on_the_way_to_a_recording_works_by_keyboard(tab, live_site):
    tab.goto("/")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to content")).to_be_focused()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Record", exact=True)).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name="Stop")).to_be_focused()
    expect(tab.get_by_role("timer")).to_have_text("0:01")
    tab.keyboard.press("Enter")
    expect(tab.locator(".job-card:focus")).to_have_count(1)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/jobs/"))


def test_escape_closes_a_menu_and_gives_the_focus_back(tab, live_site):
    tab.goto("/")
    menu = tab.locator(".user-menu")
    menu.press("Enter")
    expect(tab.get_by_role("link", name="Settings")).to_be_visible()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(tab.get_by_role("link", name="Settings")).to_be_hidden()


def test_the_choice_of_dark_is_remembered(tab, live_site):
    tab.emulate_media(color_scheme="light")
    tab.goto("/")
    tab.locator("summary[title='Light or dark']").click()
    tab.get_by_role("button", name="Dark").click()
    tab.reload()
    expect(tab.locator("html")).to_have_attribute("data-bs-theme", "dark")
