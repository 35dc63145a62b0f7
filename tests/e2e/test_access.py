import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.setup import ensure_setup_token

pytestmark = pytest.mark.e2e


@pytest.fixture
def pages(tab, ended_jobs, doubtful_job):
    """The address of each kind of page, by its name."""
    return {
        "home": "/",
        "failed": "/?state=failed",
        "failed by kind": "/failed/",
        "dismissed": "/failed/?show=dismissed",
        "log": f"/jobs/{ended_jobs['failed']['id']}/log/",
        "recordings": "/recordings/",
        "speech": f"/jobs/{ended_jobs['speech']['id']}/",
        "silence": f"/jobs/{ended_jobs['silence']['id']}/",
        "broken": f"/jobs/{ended_jobs['failed']['id']}/",
        "doubtful": f"/jobs/{doubtful_job['id']}/",
        "review": "/?state=review",
        "delete": f"/recordings/{ended_jobs['speech']['recording']['id']}/delete/",
        "settings": "/settings/",
        "password": "/settings/password/",
        "people": "/settings/people/",
        "tokens": "/settings/tokens/",
        "token delete": find_token_page(tab),
        "invitation": make_invitation(tab),
        "old invitation": "/invitation/xx/yy/",
        "error": "/nothing-here",
    }


def find_token_page(tab):
    tab.goto("/settings/tokens/")
    return tab.get_by_role("link", name="Delete Command line").get_attribute("href")


def make_invitation(tab):
    tab.goto("/settings/people/")
    tab.get_by_role("button", name="New link for anna").click()
    return tab.get_by_label("Link to choose a password for anna").input_value()


def list_violations(page):
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(tab, pages, scheme):
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for name, address in pages.items():
        tab.goto(address)
        found[name] = list_violations(tab)
    assert found == {name: [] for name in pages}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_shown_once_has_no_violation(tab, live_site, scheme):
    tab.emulate_media(color_scheme=scheme)
    make_invitation(tab)
    found = list_violations(tab)
    tab.goto("/settings/tokens/")
    tab.get_by_label("Name").fill("Laptop")
    tab.get_by_role("button", name="Create token").click()
    expect(tab.get_by_role("button", name="Copy")).to_be_visible()
    assert (found, list_violations(tab)) == ([], [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_to_the_first_account_has_no_violation(page, live_server, settings, tmp_path, scheme):
    settings.DATA_DIR = tmp_path
    page.emulate_media(color_scheme=scheme)
    found = {}
    for address in (f"/set-up/#{ensure_setup_token()}", "/sign-in/"):
        page.goto(live_server.url + address)
        found[address] = list_violations(page)
    page.goto(f"{live_server.url}/set-up/")
    page.locator("form[data-setup]").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    page.locator(".invalid-feedback").first.wait_for()
    found["errors"] = list_violations(page)
    assert list(found.values()) == [[], [], []]


def test_the_sign_in_page_has_no_violation(page, live_site):
    page.goto(f"{live_site.url}/sign-in/")
    assert list_violations(page) == []


def test_nothing_has_to_be_scrolled_sideways_at_320_pixels(tab, pages):
    tab.set_viewport_size({"width": 320, "height": 640})
    too_wide = {}
    for name, address in pages.items():
        tab.goto(address)
        too_wide[name] = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide == dict.fromkeys(pages, 0)


@pytest.mark.parametrize("width", [320, 1280])
def test_touch_targets_are_44_pixels_high(tab, pages, width):
    tab.emulate_media(reduced_motion="reduce")
    tab.set_viewport_size({"width": width, "height": 800})
    small = {}
    for name, address in pages.items():
        tab.goto(address)
        small[name] = tab.evaluate(
            """() => [...document.querySelectorAll("button, summary, .btn, .site-nav a, .tabs a, .nav a, select")]
                .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
                .map((element) => element.outerHTML)"""
        )
    assert small == {name: [] for name in pages}


def test_everything_on_the_way_to_a_recording_works_by_keyboard(tab, live_site):
    for left in live_site.call("/api/recordings/?state=receiving")["results"]:  # their buttons would come first
        live_site.discard(left["id"])
    tab.goto("/")
    expect(tab.get_by_role("button", name="Record", exact=True)).to_be_enabled()
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
