"""How job cards are laid out."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

COUNT_ROWS = (
    """(actions) => new Set([...actions.children].map((child) => Math.round(child.getBoundingClientRect().top))).size"""
)


@pytest.mark.parametrize("width", [320, 1100, 1280])
def test_the_actions_of_a_card_are_in_one_row_also_after_copying(tab, ended_jobs, width):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto("/?state=completed")
    card = tab.locator(".job-card:has([data-copy])").first
    card.get_by_role("button", name="Copy").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert card.locator(".card-actions").evaluate(COUNT_ROWS) == 1


@pytest.mark.parametrize("width", [320, 1100, 1280])
def test_the_actions_of_a_failed_card_are_in_one_row(tab, ended_jobs, width):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto("/")
    card = tab.locator(f"#job-{ended_jobs['failed']['id']}")
    assert card.locator(".card-actions").evaluate(COUNT_ROWS) == 1


@pytest.mark.parametrize("path", ["/", "/recordings/", "/?state=failed"])
def test_each_link_at_the_top_keeps_to_one_line_on_a_narrow_phone(tab, ended_jobs, path):
    tab.set_viewport_size({"width": 320, "height": 640})
    tab.goto(path)
    assert tab.locator(".site-nav a").evaluate_all("(links) => links.map((link) => link.offsetHeight)") == [44, 44, 44]
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
