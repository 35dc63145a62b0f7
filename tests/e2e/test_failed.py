import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def broken_jobs(live_site, ended_jobs):
    """Three jobs of files that are no sound."""
    files = {"Complaint.wav": b"dear sir or madam", "Note.wav": b"call Maria"}
    return [ended_jobs["failed"], *(live_site.wait(live_site.submit(*file)) for file in files.items())]


@pytest.fixture
def failed(live_site, broken_jobs):
    """The broken jobs, none of them dismissed before and after."""
    take_back(live_site, broken_jobs)
    yield broken_jobs
    take_back(live_site, broken_jobs)


def take_back(site, jobs):
    for job in jobs:
        site.call(f"/api/jobs/{job['id']}/take-back/", b"", method="POST")


def count_in_header(page):
    return int(re.search(r"\d+", page.locator("[data-failed-link]").text_content()).group())


def test_ticked_jobs_are_dismissed_and_put_back_without_leaving_the_page(tab, failed):
    tab.goto("/failed/")
    before = count_in_header(tab)
    group = tab.get_by_role("form", name="The file could not be read as audio")
    expect(group.get_by_role("button", name=re.compile("^Dismiss all"))).to_be_visible()
    group.get_by_label("Choose Complaint").check()
    group.get_by_role("button", name="Dismiss 1").click()
    expect(tab.get_by_role("status").filter(has_text="1 job dismissed.")).to_be_visible()
    expect(tab.get_by_label("Choose Complaint")).to_have_count(0)
    assert count_in_header(tab) == before - 1
    tab.get_by_role("link", name="Dismissed").click()
    tab.get_by_label("Choose Complaint").check()
    tab.get_by_role("button", name="Put back 1").click()
    expect(tab.get_by_label("Choose Complaint")).to_have_count(0)
    assert count_in_header(tab) == before


def test_all_of_a_kind_are_dismissed_at_once(tab, failed):
    tab.goto("/failed/")
    group = tab.get_by_role("form", name="The file could not be read as audio")
    group.get_by_role("button", name=re.compile("^Dismiss all")).click()
    expect(group).to_have_count(0)
    expect(tab.get_by_role("status").filter(has_text="dismissed.")).to_be_visible()


def test_the_count_follows_what_fails_elsewhere(tab, live_site, failed):
    tab.goto("/failed/")
    before = count_in_header(tab)
    live_site.call(f"/api/jobs/{failed[1]['id']}/dismiss/", b"", method="POST")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.locator("[data-failed-link]")).to_contain_text(f"({before - 1})")


def test_ticks_survive_an_update_by_itself(tab, live_site, failed):
    tab.goto("/failed/")
    tab.get_by_label("Choose Shopping list").check()
    live_site.call(f"/api/jobs/{failed[1]['id']}/dismiss/", b"", method="POST")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.get_by_label("Choose Complaint")).to_have_count(0)
    expect(tab.get_by_label("Choose Shopping list")).to_be_checked()
    expect(tab.get_by_role("button", name="Dismiss 1")).to_be_visible()


def test_everything_works_without_javascript(new_context, signed_in, failed):
    page = new_context(**signed_in, java_script_enabled=False).new_page()
    page.goto("/failed/")
    group = page.get_by_role("form", name="The file could not be read as audio")
    group.get_by_label("Choose Complaint").check()
    group.get_by_role("button", name="Dismiss ticked").click()
    expect(page.get_by_text("1 job dismissed.")).to_be_visible()
    page.get_by_role("link", name="Dismissed").click()
    page.get_by_label("Choose Complaint").check()
    page.get_by_role("button", name="Put back ticked").click()
    expect(page.get_by_text("1 job put back.")).to_be_visible()


def test_a_failed_job_is_dismissed_on_its_page_and_has_a_log(tab, failed):
    tab.goto(f"/jobs/{failed[1]['id']}/")
    tab.get_by_role("button", name="Dismiss").click()
    expect(tab.get_by_role("button", name="Put back")).to_be_visible()
    tab.get_by_role("link", name="Log", exact=True).click()
    expect(tab.get_by_role("listitem").filter(has_text="Dismissed, by anna").first).to_be_visible()
    expect(tab.get_by_role("listitem").filter(has_text=re.compile("Started.*process", re.DOTALL)).first).to_be_visible()
